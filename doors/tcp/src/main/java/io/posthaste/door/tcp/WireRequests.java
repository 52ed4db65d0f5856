package io.posthaste.door.tcp;

import com.google.protobuf.UnsafeByteOperations;
import io.posthaste.core.Append;
import io.posthaste.core.Condition;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.tcp.v1.Header;
import io.posthaste.door.tcp.v1.Poll;
import io.posthaste.door.tcp.v1.Publish;
import io.posthaste.door.tcp.v1.Subscribe;

/** Makes the wire's requests of the core's: what {@link Requests} undoes. */
final class WireRequests {
  private WireRequests() {}

  static Subscribe subscribe(Subscription what) {
    Subscribe.Builder wire = Subscribe.newBuilder().setOnlyLatest(what.onlyLatest());
    what.topics().stream().map(TopicPattern::text).forEach(wire::addTopics);
    if (what.start() instanceof Start.Last last) {
      wire.setLast(last.count());
    } else if (what.start() instanceof Start.Consumer consumer) {
      wire.setConsumer(consumer.name());
    } else if (!(what.start() instanceof Start.Now)) {
      wire.setAfter(after(what.start()));
    }
    return wire.build();
  }

  static Poll poll(io.posthaste.core.Poll poll) {
    Subscribe what = subscribe(poll.what());
    Poll.Builder wire =
        Poll.newBuilder()
            .addAllTopics(what.getTopicsList())
            .setOnlyLatest(what.getOnlyLatest())
            .setLimit(poll.limit())
            .setWaitMillis((int) Math.min(Integer.MAX_VALUE, poll.waitMillis()));
    switch (what.getStartCase()) {
      case AFTER -> wire.setAfter(what.getAfter());
      case LAST -> wire.setLast(what.getLast());
      case CONSUMER -> wire.setConsumer(what.getConsumer());
      case START_NOT_SET -> {}
    }
    return wire.build();
  }

  private static String after(Start start) {
    if (start instanceof Start.After after) {
      return after.cursor().toString();
    }
    return start instanceof Start.Since since ? "@" + since.time() : "0";
  }

  static Publish publish(Append append) {
    Publish.Builder wire =
        Publish.newBuilder()
            .setTopic(append.topic().name())
            .setType(append.type())
            .setPayload(UnsafeByteOperations.unsafeWrap(append.payload().asByteBuffer()))
            .setMatch(match(append))
            .setDeleted(append.deleted());
    append
        .headers()
        .forEach(
            (name, value) -> wire.addHeaders(Header.newBuilder().setName(name).setValue(value)));
    if (append.key() != null) {
      wire.setKey(append.key());
    }
    return wire.build();
  }

  private static String match(Append append) {
    if (append.condition() instanceof Condition.LatestIs latest) {
      return latest.id().toString();
    } else if (append.condition() instanceof Condition.Absent) {
      return "none";
    }
    // A tombstone is on that condition without saying so.
    return append.condition() instanceof Condition.Present && !append.deleted() ? "*" : "";
  }
}
