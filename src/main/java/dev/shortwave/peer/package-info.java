/** The JVMs of one service: who they are, and how they hear of each other's changes and clicks, over Redis. */
@NullMarked
package dev.shortwave.peer;

import org.jspecify.annotations.NullMarked;
