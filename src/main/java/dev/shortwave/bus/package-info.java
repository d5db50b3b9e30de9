/** The contract between verticles: addresses, message records and their codecs. Messages never leave the JVM. */
@NullMarked
package dev.shortwave.bus;

import org.jspecify.annotations.NullMarked;
