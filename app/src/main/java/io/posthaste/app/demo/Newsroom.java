package io.posthaste.app.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Made-up news, one after the other; all of them before one comes again. */
final class Newsroom {
  static final long EVERY_MILLIS = 4_000;

  private static final List<String> HEADLINES =
      List.of(
          "Post horn heard over the hills: the mail is early",
          "Pigeon union asks for longer breaks between towers",
          "Lighthouse keeper receives 41 postcards, all of lighthouses",
          "Stamp with upside-down ship sells for a real ship",
          "Night train now carries letters to people who are asleep",
          "Town council votes to answer all its letters",
          "Letter from 1962 arrives; the reply is awaited",
          "Island gets its own postcode and a second goat",
          "Weather: fair winds for anything with wings",
          "Museum of envelopes opens; nobody knows what is inside",
          "Chess by post enters its 90th year, Black to move",
          "Courier crosses desert in nine days, forgets parcel",
          "Baker prints the news on bread; both go stale by noon",
          "Mountain post office moves one valley to the left",
          "Bottle with message found; it says please recycle",
          "Two clocks at the station agree for the first time",
          "Village of twelve publishes its thirteenth newspaper",
          "Ferry waits for a letter, and for its writer",
          "Telegraph pole grows leaves, is promoted to tree",
          "Record: postcard travels around the world twice, still unread");

  private final FeedPublisher publisher;
  private final Random random = new Random();
  private final List<String> next = new ArrayList<>();

  Newsroom(FeedPublisher publisher) {
    this.publisher = publisher;
  }

  /** Publishes the next. */
  void publish() {
    if (next.isEmpty()) {
      next.addAll(HEADLINES);
      Collections.shuffle(next, random);
    }
    String text = next.remove(next.size() - 1);
    publisher.publish(data -> data.put("text", text));
  }
}
