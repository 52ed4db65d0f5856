package io.posthaste.access;

import org.jspecify.annotations.Nullable;

/**
 * Somebody whom the server knows.
 *
 * @param identity who
 * @param passwordHash what his password is checked against; null if he has none
 * @param createdMillis when he was added, in milliseconds since 1970
 * @param revision the place of the message that says so in the log: another one with each change
 */
record Account(
    Identity identity, @Nullable String passwordHash, long createdMillis, long revision) {
  @Override
  public String toString() {
    return "Account[" + identity.id() + "]";
  }
}
