/** The management port: metrics, configuration, diagnostics, verticle instances. */
@NullMarked
package dev.shortwave.http.management;

import org.jspecify.annotations.NullMarked;
