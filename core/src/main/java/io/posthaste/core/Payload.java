package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The opaque bytes of a message. Immutable, so it can be shared by every reader without a copy. */
public final class Payload {
  /** No bytes. */
  public static final Payload EMPTY = new Payload(new byte[0]);

  private final byte[] bytes;

  private Payload(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Copies the bytes. */
  public static Payload copyOf(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new Payload(bytes.clone());
  }

  /** Copies what is left of the buffer and leaves its position alone. */
  public static Payload copyOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return wrap(bytes);
  }

  /** Takes ownership of the array: the caller must not touch it again. */
  public static Payload wrap(byte[] bytes) {
    requireNonNull(bytes, "bytes");
    return bytes.length == 0 ? EMPTY : new Payload(bytes);
  }

  /** The text's bytes in UTF-8. */
  public static Payload of(String text) {
    return wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Length in bytes. */
  public int length() {
    return bytes.length;
  }

  /** A read-only view of the bytes, without a copy. */
  public ByteBuffer asByteBuffer() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** Writes the bytes to the stream, without a copy. */
  public void writeTo(OutputStream out) throws IOException {
    out.write(bytes);
  }

  /** A copy of the bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** The bytes read as UTF-8; what is malformed is replaced. */
  public String utf8() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Payload that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The length only: payloads do not belong in logs. */
  @Override
  public String toString() {
    return bytes.length + " bytes";
  }
}
