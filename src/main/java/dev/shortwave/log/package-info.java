/** What the process writes of itself: its form, its levels, and its last lines. */
@NullMarked
package dev.shortwave.log;

import org.jspecify.annotations.NullMarked;
