/** HTTP as the tools speak it: requests that cost a load generator little, and pages of metrics. */
@NullMarked
package dev.shortwave.tools.http;

import org.jspecify.annotations.NullMarked;
