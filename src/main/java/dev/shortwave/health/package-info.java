/** Whether the process lives, may be sent requests, and reaches what it needs. */
@NullMarked
package dev.shortwave.health;

import org.jspecify.annotations.NullMarked;
