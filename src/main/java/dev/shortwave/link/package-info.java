/** Links: value types, codes, and the rules for destinations. Depends on nothing but {@code problem}. */
@NullMarked
package dev.shortwave.link;

import org.jspecify.annotations.NullMarked;
