/** What each connection of a client gets in addition to Vert.x: limits of the request head, deadlines, limits by address. */
@NullMarked
package dev.shortwave.http.connection;

import org.jspecify.annotations.NullMarked;
