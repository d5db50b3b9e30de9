/** The redirect, in front of the router. */
@NullMarked
package dev.shortwave.http.redirect;

import org.jspecify.annotations.NullMarked;
