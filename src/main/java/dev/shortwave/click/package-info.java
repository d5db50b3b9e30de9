/** Clicks on their way from the redirect to PostgreSQL, in batches, each booked once. */
@NullMarked
package dev.shortwave.click;

import org.jspecify.annotations.NullMarked;
