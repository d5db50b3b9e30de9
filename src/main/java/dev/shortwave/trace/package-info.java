/** The trace that a caller says its request belongs to. */
@NullMarked
package dev.shortwave.trace;

import org.jspecify.annotations.NullMarked;
