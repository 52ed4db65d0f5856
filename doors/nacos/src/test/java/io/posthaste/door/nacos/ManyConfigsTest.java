package io.posthaste.door.nacos;

import static io.posthaste.door.nacos.Clients.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An official client that listens to more configs than it asks for by one poll, or connection. */
final class ManyConfigsTest {
  private static final int COUNT = 3_001; // the last one goes apart

  @ParameterizedTest
  @EnumSource(names = {"V1_4_8", "V2_5_1"})
  void eachOfTheseIsTold(ClientLine line) throws Exception {
    change(line, i -> i % 100 == 0);
  }

  @ParameterizedTest
  @EnumSource
  @EnabledIfSystemProperty(
      named = "long",
      matches = "true",
      disabledReason = "takes half a minute a line: with -Dlong=true")
  void eachOfAllIsTold(ClientLine line) throws Exception {
    change(line, i -> true);
  }

  private static void change(ClientLine line, IntPredicate which) throws Exception {
    String prefix = "many." + line + ".";
    try (NacosServer server = new NacosServer();
        NacosClient client = line.connect(server.place())) {
      List<Heard> heard = new ArrayList<>();
      for (int i = 0; i < COUNT; i++) {
        heard.add(new Heard());
        client.listen(prefix + i, "G", heard.get(i));
      }
      server.put(prefix + 0, "so that the first poll of 1.x ends, which knows of this one only");
      soon().untilAsserted(() -> assertThat(server.door.listened()).isEqualTo(COUNT));
      for (int i = 0; i < COUNT; i++) {
        if (which.test(i)) {
          server.put(prefix + i, "v" + i);
        }
      }
      for (int i = 0; i < COUNT; i++) {
        Heard one = heard.get(i);
        String expected = "v" + i;
        if (which.test(i)) {
          soon().untilAsserted(() -> assertThat(one.last()).isEqualTo(expected));
        } else {
          assertThat(one.contents).isEmpty();
        }
      }
    }
  }
}
