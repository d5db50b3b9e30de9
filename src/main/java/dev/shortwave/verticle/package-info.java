/** The running instances of each verticle: deployed one by one, counted, and retired while others of their kind go on. */
@NullMarked
package dev.shortwave.verticle;

import org.jspecify.annotations.NullMarked;
