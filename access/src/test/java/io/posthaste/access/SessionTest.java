package io.posthaste.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionTest {
  private final AccessWorld world = new AccessWorld(AccessWorld.memory(), AccessOptions.DEFAULT);

  @AfterEach
  void stop() {
    world.close();
  }

  @Test
  void whereNobodyNeedsToProveWhoHeIsHeIsWhoHeSays() {
    assertThat(Session.UNCHECKED.author("ann")).isEqualTo("ann");
    assertThat(world.access.anybody().author("ann")).isEqualTo("ann");
    assertThat(world.access.operator().author("ann")).isEqualTo("ann");
  }

  @Test
  void whoHasProvedWhoHeIsIsThat() {
    world.add("alice");
    Change.KeyMade key =
        (Change.KeyMade)
            AccessWorld.get(
                world.administration.createKey(AccessWorld.TEST, "alice", "k", Session.NEVER));
    Proved proved = world.prove(Credential.ofToken(key.text()));

    assertThat(((Proved.Admitted) proved).session().author("ann")).isEqualTo("alice");
  }
}
