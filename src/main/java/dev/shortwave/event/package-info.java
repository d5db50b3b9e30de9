/** Events in the history of links: value types. */
@NullMarked
package dev.shortwave.event;

import org.jspecify.annotations.NullMarked;
