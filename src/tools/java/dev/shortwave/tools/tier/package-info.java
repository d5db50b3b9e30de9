/** The tiers of {@code scripts/run-tier.sh}: what a run used, and its report. */
@NullMarked
package dev.shortwave.tools.tier;

import org.jspecify.annotations.NullMarked;
