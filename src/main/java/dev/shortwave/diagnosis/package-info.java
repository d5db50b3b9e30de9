/** What the JVM can tell of itself when something is wrong with it: its threads, and a recording of what it does. */
@NullMarked
package dev.shortwave.diagnosis;

import org.jspecify.annotations.NullMarked;
