package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Id;
import org.jspecify.annotations.Nullable;

/**
 * What an instance has of a config, as it was when somebody asked.
 *
 * @param node where it listens
 * @param number tells it from the node's others; rising in the order in which they came
 * @param key the config
 * @param instance who it is, as far as it says
 * @param door by which protocol
 * @param sinceMillis since when it is known, in milliseconds since 1970 by the node's clock
 * @param md5 of the content that it has; null if it has none
 * @param id the version that this is; null if that is not known on its node
 * @param hasMillis when it said so or fetched it, or when it came with it
 * @param afterMillis how long after the version's publication that was; -1 if it had it when it
 *     came, or the version is not known there
 * @param isConfirmed whether it said so itself; else it has fetched it
 * @param told the version that it was told of last; null if of none
 * @param toldMillis when
 * @param isCurrent whether it has what it should have
 */
public record Followership(
    String node,
    long number,
    ConfigKey key,
    Instance instance,
    String door,
    long sinceMillis,
    @Nullable Md5 md5,
    @Nullable Id id,
    long hasMillis,
    long afterMillis,
    boolean isConfirmed,
    @Nullable Id told,
    long toldMillis,
    boolean isCurrent) {
  public Followership {
    requireNonNull(node, "node");
    requireNonNull(key, "key");
    requireNonNull(instance, "instance");
    requireNonNull(door, "door");
  }
}
