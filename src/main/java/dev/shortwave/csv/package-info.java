/** CSV as it arrives: parsed chunk by chunk, and imported over the bus with back-pressure. */
@NullMarked
package dev.shortwave.csv;

import org.jspecify.annotations.NullMarked;
