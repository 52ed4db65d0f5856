/** A service that subscribes to a Posthaste server. */
@NullMarked
package io.posthaste.examples.subscriber;

import org.jspecify.annotations.NullMarked;
