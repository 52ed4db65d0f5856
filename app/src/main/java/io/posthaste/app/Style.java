package io.posthaste.app;

import picocli.CommandLine.Help.Ansi;

/** Colours, on a terminal only. Unlike picocli's markup it never reads the text. */
enum Style {
  FAINT("2"),
  TOPIC("1;36"),
  WARNING("33");

  private final String code;

  Style(String code) {
    this.code = code;
  }

  String of(Object text) {
    return Ansi.AUTO.enabled() ? "\033[" + code + "m" + text + "\033[0m" : text.toString();
  }
}
