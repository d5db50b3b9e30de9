/** Starts and stops of a service. */
@NullMarked
package dev.shortwave.tools.process;

import org.jspecify.annotations.NullMarked;
