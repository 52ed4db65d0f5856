/** What doors stand on: listeners, event loops, HTTP exchanges, limits, health and metrics. */
@NullMarked
package io.posthaste.server;

import org.jspecify.annotations.NullMarked;
