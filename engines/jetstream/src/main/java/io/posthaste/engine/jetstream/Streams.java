package io.posthaste.engine.jetstream;

import static java.util.Objects.requireNonNull;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.PurgeOptions;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.PublishAck;
import io.nats.client.api.Republish;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.posthaste.core.Epoch;
import io.posthaste.core.LogException;
import io.posthaste.core.Policies;
import io.posthaste.core.Policy;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the streams that a node needs, or checks that those there are fit its policies. Blocks; for
 * the start of a node only. Any number of nodes may do this at once: what is agreed upon stands in
 * one message, the {@link Plan}, which is replaced only by whoever has read the one before.
 */
final class Streams {
  private static final Logger LOGGER = LoggerFactory.getLogger(Streams.class);
  private static final int TRIES = 50;
  private static final int SIDE_BY_SIDE = 8;
  private static final int WRONG_LAST_SEQUENCE = 10071;
  private static final int STREAM_NOT_FOUND = 10059;
  private static final int NAME_IN_USE = 10058;
  private static final int NO_MESSAGE = 10037;
  private static final Duration KEYS_ARE_KEPT = Duration.ofMinutes(5);

  /** A cluster that has just begun, or lost a server, has no leader for some seconds. */
  private static final Duration LED_WITHIN = Duration.ofSeconds(30);

  private static final Duration PAUSE = Duration.ofMillis(200);

  /**
   * Of several that make the same stream at once, nats-server 2.9 may leave some without an answer;
   * asked again, it says that the stream is there.
   */
  private static final io.nats.client.JetStreamOptions ONE_TRY =
      io.nats.client.JetStreamOptions.builder().requestTimeout(Duration.ofSeconds(3)).build();

  /** What a stream of ours says of itself, before its token. */
  private static final String OURS = "Posthaste log ";

  private final JetStreamManagement management;
  private final Connection connection;
  private final String prefix;
  private final Policies policies;
  private final int replicas;

  /** What was agreed upon, ready for use. */
  record Ready(String epoch, List<Partition> partitions, Routing routing, int replicas) {}

  private Streams(
      Connection connection,
      JetStreamManagement management,
      String prefix,
      Policies policies,
      int replicas) {
    this.connection = connection;
    this.management = management;
    this.prefix = prefix;
    this.policies = policies;
    this.replicas = replicas;
  }

  /**
   * Makes or checks the streams.
   *
   * @throws LogException if they do not fit, or JetStream cannot make them
   */
  static Ready open(Connection connection, String prefix, Policies policies, int replicas) {
    long deadlineNanos = System.nanoTime() + LED_WITHIN.toNanos();
    boolean waiting = false;
    while (true) {
      String why;
      try {
        JetStreamManagement management = connection.jetStreamManagement(ONE_TRY);
        return new Streams(connection, management, prefix, policies, replicas).open();
      } catch (IOException | IllegalStateException e) { // the latter while it is not connected
        why = String.valueOf(e.getMessage());
        if (System.nanoTime() > deadlineNanos) {
          throw new LogException("JetStream does not answer: " + why, e);
        }
      } catch (JetStreamApiException e) {
        why = e.getErrorDescription();
        if (e.getErrorCode() < 500 || System.nanoTime() > deadlineNanos) {
          throw new LogException("JetStream refuses: " + why, e);
        }
      }
      if (!waiting) {
        LOGGER.info("waiting for JetStream why={}", why);
        waiting = true;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private String planStream() {
    return prefix + "_plan";
  }

  private String planSubject() {
    return prefix + ".plan";
  }

  private Ready open() throws IOException, JetStreamApiException {
    make(
        StreamConfiguration.builder()
            .name(planStream())
            .description(OURS + "plan")
            .subjects(planSubject())
            .maxMessagesPerSubject(8)
            .replicas(replicas)
            .allowDirect(false)
            .build());
    make(
        StreamConfiguration.builder()
            .name(Beats.streamOf(prefix))
            .description(OURS + "beats")
            .subjects(Beats.subjectOf(prefix, "*"))
            .storageType(StorageType.Memory)
            .maxMessagesPerSubject(1)
            .maxAge(Beats.KEPT)
            .duplicateWindow(Beats.KEPT)
            .replicas(replicas)
            .build());
    if (replicas > 1) {
      make(Claims.stream(prefix, OURS + "claims", replicas));
    }
    for (int i = 0; i < TRIES; i++) {
      Optional<Ready> ready = attempt();
      if (ready.isPresent()) {
        return ready.get();
      }
    }
    throw new LogException(
        "the plan of the log changed while it was read, " + TRIES + " times (expected: a retry)");
  }

  /** Empty if somebody else changed the plan meanwhile. */
  private Optional<Ready> attempt() throws IOException, JetStreamApiException {
    long read = 0;
    Plan old = null;
    try {
      var message = management.getLastMessage(planStream(), planSubject());
      read = message.getSeq();
      old = Plan.parse(new String(message.getData(), StandardCharsets.UTF_8));
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() != NO_MESSAGE) {
        throw e;
      }
    }
    Plan plan = plan(old);
    if (!plan.equals(old) && !replace(plan, read)) {
      return Optional.empty();
    }
    List<Partition> partitions = new ArrayList<>();
    for (Plan.Part part : plan.parts()) {
      partitions.add(new Partition(prefix, part.number(), policyOf(part.rule()), part.base()));
    }
    return Optional.of(
        new Ready(
            plan.epoch(),
            List.copyOf(partitions),
            new Routing(policies, partitions, plan),
            replicas));
  }

  private boolean replace(Plan plan, long read) throws IOException, JetStreamApiException {
    try {
      PublishAck stored =
          connection
              .jetStream(ONE_TRY)
              .publish(
                  planSubject(),
                  plan.text().getBytes(StandardCharsets.UTF_8),
                  io.nats.client.PublishOptions.builder()
                      .expectedLastSubjectSequence(read)
                      .build());
      return stored.getSeqno() > 0;
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == WRONG_LAST_SEQUENCE) {
        return false;
      }
      throw e;
    }
  }

  private Policy policyOf(String rule) {
    for (Policies.Rule known : policies.rules()) {
      if (known.pattern().text().equals(rule)) {
        return known.policy();
      }
    }
    return Policy.DEFAULT;
  }

  private Plan plan(@Nullable Plan old) throws IOException, JetStreamApiException {
    List<String> rules = new ArrayList<>();
    policies.rules().forEach(rule -> rules.add(rule.pattern().text()));
    rules.add(Plan.OTHERS);
    if (new HashSet<>(rules).size() != rules.size()) {
      throw new LogException("two rules of what is kept have the same pattern: " + rules);
    }
    if (old != null) {
      checkThatNothingMoves(old, rules);
    }
    Map<String, Integer> numbers = new LinkedHashMap<>();
    int next = old == null ? 1 : old.nextNumber();
    for (String rule : rules) {
      Plan.Part known = old == null ? null : old.part(rule).orElse(null);
      if (known != null && known.memory() != policyOf(rule).memory()) {
        throw new LogException(
            "topics of "
                + (rule.isEmpty() ? "no rule" : rule)
                + (known.memory() ? " are kept in memory" : " are kept on disk")
                + " (expected: as before; the stream "
                + Partition.streamOf(prefix, known.number())
                + " cannot be changed: remove it, and with it what it holds, or use another prefix)");
      }
      numbers.put(rule, known != null ? known.number() : rule.equals(Plan.OTHERS) ? 0 : next++);
    }
    Map<String, String> tokens = tokens(numbers);
    List<Plan.Part> parts = new ArrayList<>();
    boolean lost = false;
    for (String rule : rules) {
      Plan.Part known = old == null ? null : old.part(rule).orElse(null);
      boolean memory = policyOf(rule).memory();
      int number = requireNonNull(numbers.get(rule));
      String token = requireNonNull(tokens.get(rule));
      long base = 0;
      if (known != null) {
        base = known.base();
        boolean same = known.token().equals(token);
        // A stream in memory that has nothing, not even a sequence, may have had all.
        if (memory && replicas == 1 && (!same || lastOf(number) < Math.max(base, 1))) {
          base = Math.max(System.currentTimeMillis() * 1_000, known.base() + (1L << 32));
          rebase(number, base);
        } else if (!same) {
          LOGGER.warn(
              "the stream was made anew: what it held is lost, cursors will be told so stream={}",
              Partition.streamOf(prefix, number));
          lost = true;
        }
      }
      parts.add(new Plan.Part(number, rule, token, base, memory));
    }
    String epoch = old == null || lost ? Epoch.random() : old.epoch();
    return new Plan(epoch, next, parts);
  }

  /** Makes or checks the streams of all rules, side by side: in a cluster each is an election. */
  private Map<String, String> tokens(Map<String, Integer> numbers)
      throws IOException, JetStreamApiException {
    ExecutorService side = Executors.newFixedThreadPool(SIDE_BY_SIDE);
    try {
      Map<String, Future<String>> made = new LinkedHashMap<>();
      numbers.forEach(
          (rule, number) -> made.put(rule, side.submit(() -> stream(number, policyOf(rule)))));
      Map<String, String> tokens = new HashMap<>();
      for (Map.Entry<String, Future<String>> one : made.entrySet()) {
        tokens.put(one.getKey(), one.getValue().get());
      }
      return tokens;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogException("interrupted while streams were made", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException failed) {
        throw failed;
      }
      if (cause instanceof JetStreamApiException refused) {
        throw refused;
      }
      throw cause instanceof LogException known ? known : new LogException("" + cause, cause);
    } finally {
      side.shutdownNow();
    }
  }

  /** A topic is in one partition for ever, so a rule may not take topics from another. */
  private void checkThatNothingMoves(Plan old, List<String> rules)
      throws IOException, JetStreamApiException {
    List<String> kept = new ArrayList<>(rules);
    kept.retainAll(old.rules());
    List<String> before = new ArrayList<>(old.rules());
    before.retainAll(rules);
    if (!kept.equals(before)) {
      throw new LogException(
          "the rules of what is kept stand in another order: "
              + kept
              + " (expected: as before, "
              + before
              + "; else topics would move to other streams)");
    }
    for (Plan.Part part : old.parts()) {
      if (!rules.contains(part.rule()) && lastHeld(part.number()) > 0) {
        throw new LogException(
            "there is no rule any more for "
                + part.rule()
                + ", of which there are messages (expected: --keep '"
                + part.rule()
                + "=…' as before, or no messages of it; what is kept of them may change)");
      }
    }
    Set<String> added = new HashSet<>(rules);
    added.removeAll(old.rules());
    for (String rule : added) {
      for (Plan.Part part : old.parts()) {
        refuseToMove(new TopicPattern(rule), part);
      }
    }
  }

  private void refuseToMove(TopicPattern rule, Plan.Part from)
      throws IOException, JetStreamApiException {
    String subjects = Partition.subjectsOf(prefix, from.number());
    for (String filter : Subjects.of(subjects, rule)) {
      StreamInfo info;
      try {
        info =
            management.getStreamInfo(
                Partition.streamOf(prefix, from.number()),
                io.nats.client.api.StreamInfoOptions.filterSubjects(filter));
      } catch (JetStreamApiException e) {
        if (e.getApiErrorCode() == STREAM_NOT_FOUND) {
          return;
        }
        throw e;
      }
      Map<String, Long> held = info.getStreamState().getSubjectMap();
      if (held == null) {
        continue;
      }
      for (String subject : held.keySet()) {
        Topic topic = Subjects.topic(subjects, subject);
        if (rule.matches(topic)) {
          throw new LogException(
              "the new rule for "
                  + rule
                  + " would move "
                  + topic
                  + ", of which there are messages, to another stream (expected: rules for topics that"
                  + " have none yet)");
        }
      }
    }
  }

  private long lastHeld(int number) throws IOException, JetStreamApiException {
    try {
      return management
          .getStreamInfo(Partition.streamOf(prefix, number))
          .getStreamState()
          .getMsgCount();
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == STREAM_NOT_FOUND) {
        return 0;
      }
      throw e;
    }
  }

  private long lastOf(int number) throws IOException, JetStreamApiException {
    return management
        .getStreamInfo(Partition.streamOf(prefix, number))
        .getStreamState()
        .getLastSequence();
  }

  /** Has the stream go on above a sequence. */
  private void rebase(int number, long base) throws IOException, JetStreamApiException {
    management.purgeStream(
        Partition.streamOf(prefix, number), PurgeOptions.builder().sequence(base + 1).build());
    if (lastOf(number) < base) {
      throw new LogException(
          "the stream "
              + Partition.streamOf(prefix, number)
              + " does not go on above "
              + base
              + " (expected: a nats-server of 2.9 or later)");
    }
  }

  /**
   * With replicas in a file whatever the policy says: if all servers were restarted at once, a
   * stream in memory would begin with 1 again, and nobody could tell an old cursor from a new one.
   */
  private StorageType storage(Policy policy) {
    return policy.memory() && replicas == 1 ? StorageType.Memory : StorageType.File;
  }

  /** Makes or updates a partition's stream, and tells its token. */
  private String stream(int number, Policy policy) throws IOException, JetStreamApiException {
    String name = Partition.streamOf(prefix, number);
    Duration age = policy.age().equals(Policy.FOREVER) ? Duration.ZERO : policy.age();
    Duration window =
        age.isZero() || age.compareTo(KEYS_ARE_KEPT) > 0
            ? KEYS_ARE_KEPT
            : age; // at most, says NATS
    String live = Partition.liveOf(prefix, number) + ">";
    StreamConfiguration wanted =
        StreamConfiguration.builder()
            .name(name)
            .description(OURS + Epoch.random())
            .subjects(Partition.subjectsOf(prefix, number) + ">")
            .storageType(storage(policy))
            .maxMessagesPerSubject(policy.count() > Integer.MAX_VALUE ? -1 : policy.count())
            .maxAge(age)
            .duplicateWindow(window)
            .discardPolicy(DiscardPolicy.Old)
            .replicas(replicas)
            .allowDirect(true)
            .denyDelete(true)
            .republish(
                Republish.builder()
                    .source(Partition.subjectsOf(prefix, number) + ">")
                    .destination(live)
                    .build())
            .build();
    StreamConfiguration there = make(wanted);
    String token = token(there);
    if (!there.getSubjects().equals(wanted.getSubjects())
        || there.getStorageType() != wanted.getStorageType()
        || there.getRepublish() == null
        || !live.equals(there.getRepublish().getDestination())
        || !there.getAllowDirect()) {
      throw new LogException(
          "the stream "
              + name
              + " was changed by somebody else: "
              + there.toJson()
              + " (expected: "
              + wanted.toJson()
              + ")");
    }
    if (there.getMaxMsgsPerSubject() != wanted.getMaxMsgsPerSubject()
        || !there.getMaxAge().equals(wanted.getMaxAge())
        || !Objects.equals(there.getDuplicateWindow(), wanted.getDuplicateWindow())) {
      management.updateStream(
          StreamConfiguration.builder(there)
              .maxMessagesPerSubject(wanted.getMaxMsgsPerSubject())
              .maxAge(wanted.getMaxAge())
              .duplicateWindow(wanted.getDuplicateWindow())
              .build());
      LOGGER.info("what is kept was changed stream={} policy={}", name, policy);
    }
    return token;
  }

  private String token(StreamConfiguration there) {
    String description = there.getDescription() == null ? "" : there.getDescription();
    if (!description.startsWith(OURS)) {
      throw new LogException(
          "the stream "
              + there.getName()
              + " is none of ours: it says "
              + (description.isEmpty() ? "nothing" : description)
              + " of itself (expected: another prefix for one of the two)");
    }
    return description.substring(OURS.length());
  }

  /** The stream's configuration, after it was made if it was not there. */
  private StreamConfiguration make(StreamConfiguration wanted)
      throws IOException, JetStreamApiException {
    try {
      return management.getStreamInfo(wanted.getName()).getConfiguration();
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() != STREAM_NOT_FOUND) {
        throw e;
      }
    }
    try {
      LOGGER.info(
          "making a stream stream={} replicas={} storage={}",
          wanted.getName(),
          wanted.getReplicas(),
          wanted.getStorageType());
      return management.addStream(wanted).getConfiguration();
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() != NAME_IN_USE) {
        throw e;
      }
      return management.getStreamInfo(wanted.getName()).getConfiguration(); // another node made it
    }
  }
}
