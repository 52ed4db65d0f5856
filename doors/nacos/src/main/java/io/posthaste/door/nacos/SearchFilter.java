package io.posthaste.door.nacos;

import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigVersion;
import java.util.List;

/**
 * What a config is like that is looked for; each may be empty, for anything.
 *
 * @param detail what its content has somewhere; {@code *} around it has no meaning
 * @param types its formats, split by commas: one of them
 * @param tags its tags, split by commas: one of them
 * @param application whose it is
 */
record SearchFilter(String detail, String types, String tags, String application) {
  SearchFilter {
    detail = detail.replaceAll("^\\*+|\\*+$", "");
  }

  boolean isNone() {
    return detail.isEmpty() && types.isEmpty() && tags.isEmpty() && application.isEmpty();
  }

  boolean matches(ConfigVersion version) {
    ConfigAttributes attributes = version.attributes();
    return (types.isEmpty() || List.of(types.split(",")).contains(attributes.format()))
        && (application.isEmpty() || application.equals(attributes.application()))
        && (tags.isEmpty() || sharesTag(attributes.tags()))
        && (detail.isEmpty() || version.content().utf8().contains(detail));
  }

  private boolean sharesTag(String others) {
    List<String> wanted = List.of(tags.split(","));
    return List.of(others.split(",")).stream().anyMatch(wanted::contains);
  }
}
