/** How PostgreSQL is reached, and what its failures mean. */
@NullMarked
package dev.shortwave.postgres;

import org.jspecify.annotations.NullMarked;
