/** PostgreSQL behind the bus: reads, writes and imports of users, links and events. */
@NullMarked
package dev.shortwave.storage;

import org.jspecify.annotations.NullMarked;
