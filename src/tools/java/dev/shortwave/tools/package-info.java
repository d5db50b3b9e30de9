/**
 * Programs that load, measure and test a running service from outside. The scripts run them; each package is for one
 * task, and none depends on the service's own classes.
 */
@NullMarked
package dev.shortwave.tools;

import org.jspecify.annotations.NullMarked;
