/** Statistics of clicks: counts, families of user agents, hosts of referrers. Depends on {@code link} alone. */
@NullMarked
package dev.shortwave.stats;

import org.jspecify.annotations.NullMarked;
