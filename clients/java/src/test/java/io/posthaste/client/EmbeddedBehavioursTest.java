package io.posthaste.client;

import io.posthaste.junit.PosthasteExtension;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The behaviours against the embedded log. */
final class EmbeddedBehavioursTest extends BehavioursContract {
  @RegisterExtension
  static final PosthasteExtension SERVER = withSettings(PosthasteExtension.onDisk());

  @Override
  List<PosthasteExtension> servers() {
    return List.of(SERVER);
  }
}
