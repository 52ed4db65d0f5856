package io.posthaste.server;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.posthaste.core.MalformedException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class JsonCheckTest {
  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void takesOneValueWhateverItIs() {
    for (String good :
        List.of("{}", "[1, 2]", " null\n", "\"\\u0000\"", "1e400", "{\"ü\":\"€\"}")) {
      assertThatCode(() -> JsonCheck.check("data", bytes(good))).doesNotThrowAnyException();
      assertThat(JsonCheck.isValid(bytes(good))).describedAs(good).isTrue();
    }
  }

  @Test
  void treesHaveALimitOfWhatTheyAreMadeOf() throws IOException {
    String listed = "{'tenant':'t','group':'G','dataId':'d','md5':'m'},".replace('\'', '"');
    assertThat(tokens("[" + listed.repeat(10_000) + "1]")).isGreaterThan(100_000);
    assertThatThrownBy(() -> tokens("[" + "{},".repeat(100_000) + "1]"))
        .isInstanceOf(StreamConstraintsException.class);
    assertThatThrownBy(() -> tokens("[".repeat(33))).isInstanceOf(StreamConstraintsException.class);
  }

  private static int tokens(String json) throws IOException {
    try (JsonParser parser = JsonCheck.TREES.createParser(json)) {
      int tokens = 0;
      while (parser.nextToken() != null) {
        tokens++;
      }
      return tokens;
    }
  }

  @Test
  void saysWhatIsWrongInOneLine() {
    Map<String, String> bad =
        Map.of(
            "",
            "data: empty",
            " ",
            "data: empty",
            "1 2",
            "data: more than one JSON value",
            "{\"a\":\n1,}",
            "data: not JSON: ",
            "NaN",
            "data: not JSON: ",
            "{",
            "data: not JSON: ",
            "\ufeff1",
            "without a byte order mark",
            "\"\u0000\"",
            "data: has a NUL",
            "[".repeat(JsonCheck.MAX_DEPTH + 1),
            "data: not JSON: ",
            "1".repeat(JsonCheck.MAX_NUMBER_CHARS + 1),
            "data: not JSON: ");
    bad.forEach(
        (text, said) -> {
          assertThatThrownBy(() -> JsonCheck.check("data", bytes(text)))
              .isInstanceOf(MalformedException.class)
              .message()
              .contains(said)
              .hasLineCount(1);
          assertThat(JsonCheck.isValid(bytes(text))).isFalse();
        });
    assertThatThrownBy(() -> JsonCheck.check("data", "{}".getBytes(UTF_16LE)))
        .hasMessageStartingWith("data: ");
    assertThatThrownBy(() -> JsonCheck.check("data", new byte[] {'"', (byte) 0xc3, '"'}))
        .hasMessageContaining("UTF-8");
  }

  @Test
  void aContentTypeIsJsonByWhatStandsBeforeItsParameters() {
    assertThat(
            List.of(
                "application/json",
                "Application/JSON; charset=utf-8",
                "text/json",
                "application/vnd.api+json ;v=2"))
        .allMatch(JsonCheck::isJson);
    assertThat(List.of("", "text/plain; a=b+json", "application/json-seq", "application/jsonp"))
        .noneMatch(JsonCheck::isJson);
  }
}
