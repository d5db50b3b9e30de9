/** The trace that a request belongs to. */
@NullMarked
package dev.shortwave.trace;

import org.jspecify.annotations.NullMarked;
