package io.posthaste.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A digest of messages in their order: of all that a copy keeps of them, which is everything but
 * their places. Not thread-safe.
 */
final class CopyDigest {
  private final MessageDigest digest;
  private long count;

  CopyDigest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static String ofOne(Message message) {
    CopyDigest digest = new CopyDigest();
    digest.add(message);
    return digest.hex();
  }

  void add(Message message) {
    count++;
    ByteBuffer numbers = ByteBuffer.allocate(Long.BYTES + 1 + Integer.BYTES);
    numbers.putLong(message.timeMillis());
    numbers.put((byte) (message.deleted() ? 1 : 0));
    numbers.putInt(message.headers().size());
    digest.update(numbers.flip());
    text(message.type());
    message
        .headers()
        .forEach(
            (name, value) -> {
              text(name);
              text(value);
            });
    bytes(message.payload().asByteBuffer());
  }

  private void text(String text) {
    bytes(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  private void bytes(ByteBuffer bytes) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.remaining()).flip());
    digest.update(bytes);
  }

  long count() {
    return count;
  }

  /** Ends it: nothing can be added any more. */
  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
