/** The PostgreSQL server inside this process, for those who have none. Absent from the container image. */
@NullMarked
package dev.shortwave.embedded;

import org.jspecify.annotations.NullMarked;
