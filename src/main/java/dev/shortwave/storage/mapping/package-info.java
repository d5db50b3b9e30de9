/** How rows of PostgreSQL become values, for the repositories and the imports. */
@NullMarked
package dev.shortwave.storage.mapping;

import org.jspecify.annotations.NullMarked;
