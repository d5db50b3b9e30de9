/** CSV files for a service to load. */
@NullMarked
package dev.shortwave.tools.seeds;

import org.jspecify.annotations.NullMarked;
