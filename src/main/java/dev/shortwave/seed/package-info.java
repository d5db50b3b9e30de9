/** CSV files of users, links and events: parsing, and loading into a service or a database. */
@NullMarked
package dev.shortwave.seed;

import org.jspecify.annotations.NullMarked;
