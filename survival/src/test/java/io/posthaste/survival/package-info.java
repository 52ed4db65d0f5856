/** What the whole server must survive. */
@NullMarked
package io.posthaste.survival;

import org.jspecify.annotations.NullMarked;
