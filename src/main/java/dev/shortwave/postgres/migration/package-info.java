/** The database schema: migrated at start, refused when it is of a later release. */
@NullMarked
package dev.shortwave.postgres.migration;

import org.jspecify.annotations.NullMarked;
