/** The operators' server on a port of its own: metrics, health details, configuration, admin routes. */
@NullMarked
package dev.shortwave.management;

import org.jspecify.annotations.NullMarked;
