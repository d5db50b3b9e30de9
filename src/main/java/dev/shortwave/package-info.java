/**
 * Shortwave, a URL shortener built to be loaded. {@code docs/architecture.md} has the table of packages and how they work together.
 */
@NullMarked
package dev.shortwave;

import org.jspecify.annotations.NullMarked;
