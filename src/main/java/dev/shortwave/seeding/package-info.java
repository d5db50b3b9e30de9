/** Loading a folder of CSV files into a database or into a running service. */
@NullMarked
package dev.shortwave.seeding;

import org.jspecify.annotations.NullMarked;
