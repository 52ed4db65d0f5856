/**
 * The binary long connection: length-delimited protobuf frames as {@code posthaste.proto} says, and
 * {@link io.posthaste.door.tcp.TcpClient a client} for them.
 */
@NullMarked
package io.posthaste.door.tcp;

import org.jspecify.annotations.NullMarked;
