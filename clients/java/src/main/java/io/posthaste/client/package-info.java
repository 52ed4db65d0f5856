/**
 * A client of Posthaste. Begin at {@link io.posthaste.client.Posthaste}; everything public here is
 * for applications, and safe to be used by many threads unless it says otherwise.
 */
@NullMarked
package io.posthaste.client;

import org.jspecify.annotations.NullMarked;
