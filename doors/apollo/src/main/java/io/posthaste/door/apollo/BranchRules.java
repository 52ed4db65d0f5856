package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.AddressRange;
import io.posthaste.config.GrayMatch;
import io.posthaste.core.MalformedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A branch's rules as Apollo writes them: of an application, addresses or labels. */
final class BranchRules {
  private static final String ANY = "*";

  private BranchRules() {}

  /**
   * Reads {@code ruleItems}.
   *
   * @throws MalformedException if they are none, or one is for nobody or for everybody
   */
  static List<GrayMatch> parse(JsonNode items) {
    if (!items.isArray()) {
      throw malformed("no array");
    }
    List<GrayMatch> all = new ArrayList<>();
    for (JsonNode item : items) {
      String application = item.path("clientAppId").asText("");
      List<String> applications =
          application.isBlank() || application.equals(ANY) ? List.of() : List.of(application);
      List<String> addresses = texts(item.path("clientIpList"));
      List<String> labels = texts(item.path("clientLabelList"));
      if (addresses.contains(ANY) || labels.contains(ANY)) {
        if (applications.isEmpty()) {
          throw malformed("a rule for everybody");
        }
        all.add(new GrayMatch(List.of(), applications, new TreeMap<>()));
        continue;
      }
      if (addresses.isEmpty() && labels.isEmpty()) {
        throw malformed("an item without addresses and labels");
      }
      if (!addresses.isEmpty()) {
        List<AddressRange> ranges = addresses.stream().map(AddressRange::parse).toList();
        all.add(new GrayMatch(ranges, applications, new TreeMap<>()));
      }
      if (!labels.isEmpty()) {
        all.add(new GrayMatch(List.of(), applications, new TreeMap<>(Map.of(Asked.LABEL, labels))));
      }
    }
    return all;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(one -> texts.add(one.asText()));
    return texts;
  }

  private static MalformedException malformed(String what) {
    return new MalformedException(
        "ruleItems: "
            + what
            + " (expected: [{\"clientAppId\":\"shop\",\"clientIpList\":[\"10.0.0.7\"],"
            + "\"clientLabelList\":[\"canary\"]},…])");
  }

  /** Writes them as {@code ruleItems}, one for each application. */
  static void write(List<GrayMatch> matches, ArrayNode into) {
    Map<String, ObjectNode> byApplication = new LinkedHashMap<>();
    for (GrayMatch match : matches) {
      List<String> applications =
          match.applications().isEmpty() ? List.of(ANY) : match.applications();
      for (String application : applications) {
        ObjectNode item = byApplication.computeIfAbsent(application, BranchRules::empty);
        List<String> labels = match.labels().getOrDefault(Asked.LABEL, List.of());
        match.addresses().forEach(one -> list(item, "clientIpList").add(one.toString()));
        labels.forEach(list(item, "clientLabelList")::add);
        if (match.addresses().isEmpty() && match.labels().isEmpty()) {
          list(item, "clientIpList").add(ANY);
        }
      }
    }
    into.addAll(byApplication.values());
  }

  private static ObjectNode empty(String application) {
    ObjectNode item = Answers.JSON.createObjectNode().put("clientAppId", application);
    item.putArray("clientIpList");
    item.putArray("clientLabelList");
    return item;
  }

  private static ArrayNode list(ObjectNode item, String name) {
    return (ArrayNode) item.path(name);
  }
}
