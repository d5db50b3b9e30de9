/** Files and folders that the service creates. */
@NullMarked
package dev.shortwave.file;

import org.jspecify.annotations.NullMarked;
