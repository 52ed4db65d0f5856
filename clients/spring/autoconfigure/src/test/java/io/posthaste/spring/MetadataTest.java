package io.posthaste.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What an IDE completes is what there is. */
final class MetadataTest {
  @Test
  void eachSettingIsDescribed() throws Exception {
    try (InputStream file =
        Objects.requireNonNull(
            PosthasteProperties.class.getResourceAsStream(
                "/META-INF/spring-configuration-metadata.json"))) {
      JsonNode metadata = new ObjectMapper().readTree(file);
      List<String> described =
          metadata.path("properties").findValuesAsText("name").stream()
              .filter(name -> name.startsWith("posthaste."))
              .toList();
      List<String> settings =
          Arrays.stream(PosthasteProperties.class.getRecordComponents())
              .map(
                  component ->
                      "posthaste."
                          + component
                              .getName()
                              .replaceAll("([A-Z])", "-$1")
                              .toLowerCase(Locale.ROOT))
              .toList();
      assertThat(described).containsExactlyInAnyOrderElementsOf(settings);
    }
  }
}
