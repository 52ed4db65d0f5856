package io.posthaste.door.apollo;

import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigWaits;

/** That a poll waits for one of the configs that a namespace may come from. */
final class Wait extends ConfigWaits.Wait {
  final ParkedPoll poll;
  final ConfigKey asked; // as the client spells it, which is what it was granted
  final String namespace; // as the client spells it
  final long known; // the highest number that the client knows

  Wait(ParkedPoll poll, ConfigKey asked, String namespace, long known) {
    this.poll = poll;
    this.asked = asked;
    this.namespace = namespace;
    this.known = known;
  }
}
