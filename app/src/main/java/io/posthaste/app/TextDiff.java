package io.posthaste.app;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import com.github.difflib.patch.Patch;
import java.util.ArrayList;
import java.util.List;

/** What differs between two texts, line by line, as {@code diff -u} prints it. */
final class TextDiff {
  private static final int CONTEXT_LINES = 3;

  private TextDiff() {}

  /** Lines to print; empty if the texts are the same. */
  static List<String> unified(String oldName, String oldText, String newName, String newText) {
    if (oldText.equals(newText)) {
      return List.of();
    }
    List<String> before = lines(oldText);
    Patch<String> patch = DiffUtils.diff(before, lines(newText));
    return UnifiedDiffUtils.generateUnifiedDiff(oldName, newName, before, patch, CONTEXT_LINES);
  }

  /** How many lines differ. */
  static int changedLines(String oldText, String newText) {
    return DiffUtils.diff(lines(oldText), lines(newText)).getDeltas().stream()
        .mapToInt(delta -> Math.max(delta.getSource().size(), delta.getTarget().size()))
        .sum();
  }

  private static List<String> lines(String text) {
    if (text.isEmpty()) {
      return List.of();
    }
    List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
    int last = lines.size() - 1;
    if (lines.get(last).isEmpty()) {
      lines.remove(last);
    } else {
      lines.set(last, lines.get(last) + "\n\\ No newline at end of file");
    }
    return lines;
  }
}
