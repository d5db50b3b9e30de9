/** The database schema: brought up to date at start, refused when it is from a later release. */
@NullMarked
package dev.shortwave.migrate;

import org.jspecify.annotations.NullMarked;
