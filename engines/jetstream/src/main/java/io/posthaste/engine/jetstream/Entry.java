package io.posthaste.engine.jetstream;

import io.nats.client.impl.Headers;
import org.jspecify.annotations.Nullable;

/**
 * One message as a stream holds it.
 *
 * @param subject the subject it was stored under
 * @param sequence its place in the stream
 * @param headers its headers, if it has any
 * @param data its bytes, not to be changed
 */
record Entry(String subject, long sequence, @Nullable Headers headers, byte[] data) {}
