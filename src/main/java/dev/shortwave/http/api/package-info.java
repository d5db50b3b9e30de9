/** The REST API: requests, responses, problem documents, routes. */
@NullMarked
package dev.shortwave.http.api;

import org.jspecify.annotations.NullMarked;
