/** Verticle instances that start, drain and stop while the service runs, and the settings that apply without a restart. */
@NullMarked
package dev.shortwave.runtime;

import org.jspecify.annotations.NullMarked;
