/** Settings that change while the service runs, and what to say of those that don't. */
@NullMarked
package dev.shortwave.live;

import org.jspecify.annotations.NullMarked;
