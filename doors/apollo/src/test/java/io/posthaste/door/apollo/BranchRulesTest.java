package io.posthaste.door.apollo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.posthaste.config.GrayMatch;
import io.posthaste.config.GrayRule;
import io.posthaste.core.MalformedException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rules of branches, as Apollo writes them. */
final class BranchRulesTest {
  private static final String RULES =
      "[{\"clientAppId\":\"shop\",\"clientIpList\":[\"10.0.0.7\",\"10.1.0.0/16\"],"
          + "\"clientLabelList\":[\"canary\",\"first\"]},"
          + "{\"clientAppId\":\"bank\",\"clientIpList\":[\"*\"],\"clientLabelList\":[]}]";

  private static List<GrayMatch> parse(String json) throws JsonProcessingException {
    return BranchRules.parse(Answers.JSON.readTree(json));
  }

  @Test
  void whatWasWrittenIsReadTheSame() throws Exception {
    ArrayNode written = Answers.JSON.createArrayNode();
    BranchRules.write(parse(RULES), written);
    assertThat(written).isEqualTo(Answers.JSON.readTree(RULES));
  }

  @Test
  void whateverIsSentIsARuleOrIsRefused() {
    long seed = Long.getLong("posthaste.seed", 5);
    Random random = new Random(seed);
    int read = 0;
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      StringBuilder json = new StringBuilder(RULES);
      for (int i = random.nextInt(3); i >= 0; i--) {
        int at = random.nextInt(json.length());
        if (random.nextBoolean()) {
          json.setCharAt(at, RULES.charAt(random.nextInt(RULES.length())));
        } else {
          json.delete(at, Math.min(json.length(), at + 1 + random.nextInt(20)));
        }
      }
      try {
        GrayRule rule = Branch.rule(parse(json.toString()));
        BranchRules.write(Branch.matches(rule), Answers.JSON.createArrayNode());
        read++;
      } catch (MalformedException | JsonProcessingException expected) {
        refused++;
      }
    }
    assertThat(read).as("seed " + seed).isPositive();
    assertThat(refused).as("seed " + seed).isPositive();
  }
}
