/** Thread dumps and JFR recordings on request. */
@NullMarked
package dev.shortwave.diagnostics;

import org.jspecify.annotations.NullMarked;
