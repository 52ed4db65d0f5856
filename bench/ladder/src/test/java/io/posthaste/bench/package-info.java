/** Here, and not in the bench, because the bench shall not have Spring on its class path. */
@NullMarked
package io.posthaste.bench;

import org.jspecify.annotations.NullMarked;
