/** What can be wrong with a request: status, words, and the field at fault. */
@NullMarked
package dev.shortwave.problem;

import org.jspecify.annotations.NullMarked;
