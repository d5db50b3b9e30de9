/** Clients that load a service and count what it answers. */
@NullMarked
package dev.shortwave.tools.load;

import org.jspecify.annotations.NullMarked;
