/** Clicks and their encoding, shared by the redirect, the journal and the recorder. */
@NullMarked
package dev.shortwave.click;

import org.jspecify.annotations.NullMarked;
