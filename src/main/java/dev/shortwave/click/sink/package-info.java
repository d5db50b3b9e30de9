/** Where batches of clicks are written with their checkpoint: PostgreSQL. */
@NullMarked
package dev.shortwave.click.sink;

import org.jspecify.annotations.NullMarked;
