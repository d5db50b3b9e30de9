/** The public server: listening, accepting, draining, and the router of its routes. */
@NullMarked
package dev.shortwave.http.server;

import org.jspecify.annotations.NullMarked;
