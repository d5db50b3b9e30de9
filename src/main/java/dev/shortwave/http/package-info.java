/** The public server: redirects, the REST API, pages. Talks to the other verticles over the bus. */
@NullMarked
package dev.shortwave.http;

import org.jspecify.annotations.NullMarked;
