/** Log output: format, levels, duplicate suppression, access log, recent lines. */
@NullMarked
package dev.shortwave.logging;

import org.jspecify.annotations.NullMarked;
