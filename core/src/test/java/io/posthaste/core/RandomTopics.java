package io.posthaste.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Short topics and patterns of few segments, so that they often meet. */
final class RandomTopics {
  private RandomTopics() {}

  static Topic topic(Random random, List<String> segments) {
    return new Topic(text(random, segments, 1 + random.nextInt(4)));
  }

  static TopicPattern pattern(Random random, List<String> segments) {
    List<String> wild = new ArrayList<>(segments);
    wild.add("+");
    wild.add("+");
    String text = text(random, wild, 1 + random.nextInt(3));
    return new TopicPattern(
        switch (random.nextInt(6)) {
          case 0 -> "#";
          case 1, 2 -> text + "/#";
          default -> text;
        });
  }

  private static String text(Random random, List<String> segments, int count) {
    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chosen.add(segments.get(random.nextInt(segments.size())));
    }
    String text = String.join("/", chosen);
    return text.isEmpty() ? segments.get(0) : text;
  }
}
