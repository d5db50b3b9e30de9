/** Users: value types and the rules for their fields. */
@NullMarked
package dev.shortwave.user;

import org.jspecify.annotations.NullMarked;
