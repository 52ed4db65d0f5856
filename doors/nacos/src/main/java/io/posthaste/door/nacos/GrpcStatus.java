package io.posthaste.door.nacos;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** How a call over gRPC ended, as its trailers say. */
record GrpcStatus(int code, String message) {
  static final GrpcStatus OK = new GrpcStatus(0, "");

  static GrpcStatus invalid(String message) {
    return new GrpcStatus(3, message);
  }

  static GrpcStatus late() {
    return new GrpcStatus(4, "grpc-timeout: is over");
  }

  static GrpcStatus denied(String message) {
    return new GrpcStatus(7, message);
  }

  static GrpcStatus tooMuch(String message) {
    return new GrpcStatus(8, message);
  }

  static GrpcStatus unknownEncoding() {
    return new GrpcStatus(12, "grpc-encoding: not known (expected: identity)");
  }

  static GrpcStatus unavailable(String message) {
    return new GrpcStatus(14, message);
  }

  /** As gRPC writes it: the message percent-encoded but for what is printable. */
  Map<String, String> trailers() {
    if (message.isEmpty()) {
      return Map.of("grpc-status", Integer.toString(code));
    }
    StringBuilder encoded = new StringBuilder();
    for (byte b : message.getBytes(StandardCharsets.UTF_8)) {
      if (b >= ' ' && b < 0x7f && b != '%') {
        encoded.append((char) b);
      } else {
        encoded.append(String.format("%%%02X", b & 0xff));
      }
    }
    return Map.of("grpc-status", Integer.toString(code), "grpc-message", encoded.toString());
  }
}
