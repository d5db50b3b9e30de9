/** Links in Redis or in the process, set only if newer; warm-up from PostgreSQL. */
@NullMarked
package dev.shortwave.cache;

import org.jspecify.annotations.NullMarked;
