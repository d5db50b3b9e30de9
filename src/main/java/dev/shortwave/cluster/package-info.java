/** The JVMs of one service over Redis: leases, invalidations with acknowledgements, and flushes of each other's clicks. */
@NullMarked
package dev.shortwave.cluster;

import org.jspecify.annotations.NullMarked;
