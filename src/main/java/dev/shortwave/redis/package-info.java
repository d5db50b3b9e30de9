/** How Redis is reached, and found again. */
@NullMarked
package dev.shortwave.redis;

import org.jspecify.annotations.NullMarked;
