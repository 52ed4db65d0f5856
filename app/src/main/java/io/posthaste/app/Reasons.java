package io.posthaste.app;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/** What to tell a person of an exception of the JDK's, whose own message may be empty. */
final class Reasons {
  private Reasons() {}

  static String of(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "access denied";
    } else if (e instanceof NoSuchFileException) {
      return "no such file";
    } else if (e instanceof FileAlreadyExistsException) {
      return "it exists already";
    } else if (isUnknownHost(e)) {
      return "unknown host";
    } else if (e instanceof ConnectException) {
      return "connection refused";
    } else if (e instanceof HttpTimeoutException) {
      return "no answer in time";
    } else if (e instanceof ClosedChannelException) {
      return "connection closed";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** Whether a name led to no address; the JDK's HTTP client calls that a refused connection. */
  static boolean isUnknownHost(IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
        return true;
      }
    }
    return false;
  }
}
