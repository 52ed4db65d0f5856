package io.posthaste.access;

import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.List;

/**
 * What somebody may at a moment. A pattern may be read if one grant covers it whole: two that do so
 * only together are not enough. Topics with a leading {@code $} are covered only by grants that
 * have it too, but that an administrator may read all of them. Immutable.
 */
final class Permissions {
  /** Nothing at all. */
  static final Permissions NONE = new Permissions(List.of());

  private final List<Grant> grants;
  private final boolean isAdministrator;

  /**
   * @param grants with ids in the place of their placeholders
   */
  Permissions(List<Grant> grants) {
    this.grants = List.copyOf(grants);
    this.isAdministrator = this.grants.contains(Grant.ADMINISTRATOR);
  }

  /** What somebody may by these grants. */
  static Permissions of(String id, List<Grant> grants) {
    List<Grant> own = new ArrayList<>(grants.size());
    for (Grant grant : grants) {
      try {
        own.add(grant.of(id));
      } catch (MalformedException e) {
        // With the id in its place it is longer than any topic: it grants nothing.
      }
    }
    return new Permissions(own);
  }

  List<Grant> grants() {
    return grants;
  }

  boolean isAdministrator() {
    return isAdministrator;
  }

  boolean mayRead(TopicPattern topics) {
    return !Grant.isSecret(topics) && (isAdministrator || isGranted(Right.READ, topics));
  }

  boolean mayRead(Topic topic) {
    return !Grant.isSecret(topic) && (isAdministrator || isGranted(Right.READ, topic));
  }

  boolean mayPublish(Topic topic) {
    return !Grant.isSecret(topic) && (isAdministrator || isGranted(Right.PUBLISH, topic));
  }

  /** Only what may be read of these patterns, and nothing else. */
  Permissions onlyReading(List<TopicPattern> topics) {
    List<Grant> fewer = new ArrayList<>();
    for (TopicPattern each : topics) {
      if (mayRead(each)) {
        fewer.add(new Grant(Right.READ, each));
      }
    }
    return new Permissions(fewer);
  }

  private boolean isGranted(Right right, TopicPattern topics) {
    for (Grant grant : grants) {
      if (gives(grant, right) && grant.pattern().covers(topics)) {
        return true;
      }
    }
    return false;
  }

  private boolean isGranted(Right right, Topic topic) {
    for (Grant grant : grants) {
      if (gives(grant, right) && grant.pattern().matches(topic)) {
        return true;
      }
    }
    return false;
  }

  private static boolean gives(Grant grant, Right right) {
    return grant.right() == right || grant.right() == Right.ADMINISTER;
  }
}
