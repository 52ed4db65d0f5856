package io.posthaste.app;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/**
 * Logging by the JDK's own: SLF4J and {@code System.Logger} both end here, on standard error, a
 * line a record.
 */
final class Logging {
  // The JDK keeps loggers by weak references; what is set on one lasts as long as somebody holds
  // it.
  private static final Logger ROOT = Logger.getLogger("");

  private Logging() {}

  /** Sets it up for the whole process. */
  static void start(Settings.LogLevel level) {
    LogManager.getLogManager().reset();
    ConsoleHandler handler = new ConsoleHandler();
    handler.setFormatter(new Line());
    handler.setLevel(Level.ALL);
    ROOT.addHandler(handler);
    ROOT.setLevel(
        switch (level) {
          case ERROR -> Level.SEVERE;
          case WARN -> Level.WARNING;
          case INFO -> Level.INFO;
          case DEBUG -> Level.FINE;
        });
  }

  /** {@code 2026-11-22T10:00:00.123Z INFO HttpServer listening at=127.0.0.1:8080}. */
  static final class Line extends Formatter {
    private static final int SHOWN_FRAMES = 12;

    @Override
    public String format(LogRecord record) {
      String logger = record.getLoggerName() == null ? "" : record.getLoggerName();
      StringBuilder line =
          new StringBuilder(160)
              .append(Instant.ofEpochMilli(record.getMillis()).truncatedTo(ChronoUnit.MILLIS))
              .append(' ')
              .append(name(record.getLevel()))
              .append(' ')
              .append(logger.substring(logger.lastIndexOf('.') + 1))
              .append(' ')
              .append(oneLine(formatMessage(record)));
      Throwable thrown = record.getThrown();
      if (thrown != null) {
        line.append(" error=\"").append(oneLine(thrown.toString())).append('"');
        line.append(" at=\"").append(frames(thrown)).append('"');
        for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
          line.append(" cause=\"").append(oneLine(cause.toString())).append('"');
        }
      }
      return line.append('\n').toString();
    }

    private static String frames(Throwable thrown) {
      return Arrays.stream(thrown.getStackTrace())
          .limit(SHOWN_FRAMES)
          .map(
              frame ->
                  frame.getClassName().substring(frame.getClassName().lastIndexOf('.') + 1)
                      + "."
                      + frame.getMethodName()
                      + ":"
                      + frame.getLineNumber())
          .collect(Collectors.joining(" < "));
    }

    private static String name(Level level) {
      if (level.intValue() >= Level.SEVERE.intValue()) {
        return "ERROR";
      } else if (level.intValue() >= Level.WARNING.intValue()) {
        return "WARN ";
      }
      return level.intValue() >= Level.INFO.intValue() ? "INFO " : "DEBUG";
    }

    private static String oneLine(String text) {
      return text.replace("\r", "\\r").replace("\n", "\\n");
    }
  }
}
