/** The database of a service, past the service. */
@NullMarked
package dev.shortwave.tools.database;

import org.jspecify.annotations.NullMarked;
