/** Pages, assets, health and metrics. */
@NullMarked
package dev.shortwave.http.web;

import org.jspecify.annotations.NullMarked;
