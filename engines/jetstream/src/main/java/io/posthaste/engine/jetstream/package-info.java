/**
 * The clustered log: messages in streams of NATS JetStream, read and heard by any number of nodes
 * that hold no state of their own.
 */
@NullMarked
package io.posthaste.engine.jetstream;

import org.jspecify.annotations.NullMarked;
