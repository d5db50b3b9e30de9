/** Imports of users, links and events, read as they arrive and merged in one transaction. */
@NullMarked
package dev.shortwave.storage.imports;

import org.jspecify.annotations.NullMarked;
