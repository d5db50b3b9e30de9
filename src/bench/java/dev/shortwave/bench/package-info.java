/**
 * The JVM side of {@code scripts/bench.sh}: what it is measured against, what asks, and what reads the figures. Compiled
 * in every build, and no part of the product.
 */
package dev.shortwave.bench;
