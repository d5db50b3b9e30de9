/** Every setting of the service, read once from file, environment and system properties, typed and validated. */
@NullMarked
package dev.shortwave.config;

import org.jspecify.annotations.NullMarked;
