/** The receiver of alerts of {@code scripts/alerts-test.sh}. */
@NullMarked
package dev.shortwave.tools.alerts;

import org.jspecify.annotations.NullMarked;
