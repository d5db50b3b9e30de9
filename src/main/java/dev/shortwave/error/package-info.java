/** Problems of requests with their status, start-up failures, and the rules for text from outside. */
@NullMarked
package dev.shortwave.error;

import org.jspecify.annotations.NullMarked;
