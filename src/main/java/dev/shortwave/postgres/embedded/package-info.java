/** The PostgreSQL server inside the process, the default when no database is configured. Absent from the container image. */
@NullMarked
package dev.shortwave.postgres.embedded;

import org.jspecify.annotations.NullMarked;
