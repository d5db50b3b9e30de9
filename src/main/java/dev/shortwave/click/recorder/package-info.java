/** Books the clicks of the journal in batches, each exactly once. */
@NullMarked
package dev.shortwave.click.recorder;

import org.jspecify.annotations.NullMarked;
