package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One log of two: topics whose policy is {@link Policy#memory} are in the second, all others in the
 * first. The two must have one epoch and partitions of their own. Thread-safe.
 */
public final class SplitLog implements Log {
  private final Log durable;
  private final Log memory;
  private final Policies policies;
  private final List<Integer> partitions;

  /** Takes ownership of both logs: they are closed with this one. */
  public SplitLog(Log durable, Log memory, Policies policies) {
    this.durable = requireNonNull(durable, "durable");
    this.memory = requireNonNull(memory, "memory");
    this.policies = requireNonNull(policies, "policies");
    TreeSet<Integer> both = new TreeSet<>(durable.partitions());
    both.addAll(memory.partitions());
    if (!durable.epoch().equals(memory.epoch())
        || both.size() != durable.partitions().size() + memory.partitions().size()) {
      throw new IllegalArgumentException(
          "logs of epochs "
              + durable.epoch()
              + " and "
              + memory.epoch()
              + " with partitions "
              + durable.partitions()
              + " and "
              + memory.partitions()
              + " (expected: one epoch, no partition in common)");
    }
    this.partitions = List.copyOf(both);
  }

  private Log of(Topic topic) {
    return policies.of(topic).memory() ? memory : durable;
  }

  private Log of(int partition) {
    return memory.partitions().contains(partition) ? memory : durable;
  }

  @Override
  public String epoch() {
    return durable.epoch();
  }

  @Override
  public List<Integer> partitions() {
    return partitions;
  }

  @Override
  public int partitionOf(Topic topic) {
    return of(topic).partitionOf(topic);
  }

  @Override
  public List<Integer> partitionsOf(TopicPattern topics) {
    if (topics.isTopic()) {
      return of(topics.topic()).partitionsOf(topics);
    }
    boolean inMemory = false;
    boolean inDurable = false;
    boolean covered = false;
    for (Policies.Rule rule : policies.rules()) {
      if (rule.pattern().overlaps(topics)) {
        inMemory |= rule.policy().memory();
        inDurable |= !rule.policy().memory();
        covered = rule.pattern().covers(topics);
      }
      if (covered) {
        break;
      }
    }
    inDurable |= !covered;
    if (!inMemory) {
      return durable.partitionsOf(topics);
    }
    if (!inDurable) {
      return memory.partitionsOf(topics);
    }
    TreeSet<Integer> both = new TreeSet<>(durable.partitionsOf(topics));
    both.addAll(memory.partitionsOf(topics));
    return List.copyOf(both);
  }

  @Override
  public Policies policies() {
    return policies;
  }

  @Override
  public CompletionStage<List<Appended>> append(List<Append> batch) {
    boolean[] inMemory = new boolean[batch.size()];
    int count = 0;
    for (int i = 0; i < inMemory.length; i++) {
      inMemory[i] = policies.of(batch.get(i).topic()).memory();
      count += inMemory[i] ? 1 : 0;
    }
    if (count == 0) {
      return durable.append(batch);
    }
    if (count == inMemory.length) {
      return memory.append(batch);
    }
    List<Append> kept = new ArrayList<>();
    List<Append> held = new ArrayList<>();
    for (int i = 0; i < inMemory.length; i++) {
      (inMemory[i] ? held : kept).add(batch.get(i));
    }
    return durable
        .append(kept)
        .thenCombine(
            memory.append(held),
            (keptOutcomes, heldOutcomes) -> {
              List<Appended> outcomes = new ArrayList<>(inMemory.length);
              int fromMemory = 0;
              for (int i = 0; i < inMemory.length; i++) {
                outcomes.add(
                    inMemory[i]
                        ? heldOutcomes.get(fromMemory++)
                        : keptOutcomes.get(i - fromMemory));
              }
              return outcomes;
            });
  }

  @Override
  public CompletionStage<Long> head(int partition) {
    return of(partition).head(partition);
  }

  @Override
  public long known(int partition) {
    return of(partition).known(partition);
  }

  @Override
  public CompletionStage<Page> read(ReadRequest request) {
    return of(request.partition()).read(request);
  }

  @Override
  public CompletionStage<Page> readBackward(ReadRequest request) {
    return of(request.partition()).readBackward(request);
  }

  @Override
  public CompletionStage<Optional<Message>> latest(Topic topic) {
    return of(topic).latest(topic);
  }

  @Override
  public CompletionStage<Optional<TopicState>> state(Topic topic) {
    return of(topic).state(topic);
  }

  @Override
  public CompletionStage<TopicPage> topics(String prefix, String after, int limit) {
    return durable
        .topics(prefix, after, limit)
        .thenCombine(memory.topics(prefix, after, limit), (a, b) -> merge(a, b, limit));
  }

  private static TopicPage merge(TopicPage a, TopicPage b, int limit) {
    List<TopicState> merged = new ArrayList<>(a.topics());
    merged.addAll(b.topics());
    merged.sort((x, y) -> TopicText.compareUtf8(x.topic().name(), y.topic().name()));
    boolean more = a.more() || b.more() || merged.size() > limit;
    return new TopicPage(merged.subList(0, Math.min(limit, merged.size())), more);
  }

  @Override
  public CompletionStage<Long> placeAt(int partition, Instant time) {
    return of(partition).placeAt(partition, time);
  }

  @Override
  public Nodes nodes() {
    return durable.nodes();
  }

  @Override
  public Interest follow(CommitListener listener) {
    Interest first = durable.follow(listener);
    Interest second = memory.follow(listener);
    return new Interest() {
      @Override
      public CompletionStage<Void> add(TopicPattern topics) {
        CompletableFuture<Void> added = first.add(topics).toCompletableFuture();
        return added.thenCombine(second.add(topics), (x, y) -> x);
      }

      @Override
      public void remove(TopicPattern topics) {
        first.remove(topics);
        second.remove(topics);
      }

      @Override
      public void close() {
        first.close();
        second.close();
      }
    };
  }

  @Override
  public Optional<String> failure() {
    return durable.failure().or(memory::failure);
  }

  @Override
  public void close() {
    try {
      durable.close();
    } finally {
      memory.close();
    }
  }
}
