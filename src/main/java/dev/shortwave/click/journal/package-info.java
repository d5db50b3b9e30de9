/** The memory-mapped click journal: segments, streams, the directory with its locks, reading and writing. */
@NullMarked
package dev.shortwave.click.journal;

import org.jspecify.annotations.NullMarked;
