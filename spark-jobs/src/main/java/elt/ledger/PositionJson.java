package elt.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The one JSON form of a {@link Position}: equal positions are equal strings. */
final class PositionJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PositionJson() {}

  static String write(Position position) {
    ArrayNode generations = JSON.createArrayNode();
    for (Generation generation : position.generations()) {
      ObjectNode node = generations.addObject().put("topicId", generation.topicId());
      ObjectNode offsets = node.putObject("offsets");
      generation.offsets().forEach((partition, next) -> offsets.put(partition.toString(), next.toString()));
      node.put("closed", generation.closed());
    }
    return generations.toString();
  }

  static Position parse(String json) {
    try {
      JsonNode node = JSON.readTree(json);
      List<Generation> generations = new ArrayList<>();
      check(node.isArray(), json);
      for (JsonNode generation : node) {
        check(generation.path("topicId").isTextual(), json);
        check(generation.path("closed").isBoolean(), json);
        generations.add(
            new Generation(
                generation.get("topicId").textValue(),
                offsets(generation.path("offsets"), json),
                generation.get("closed").booleanValue()));
      }
      return new Position(generations);
    } catch (JsonProcessingException | NumberFormatException e) {
      throw new IllegalArgumentException(problem(json), e);
    }
  }

  private static SortedMap<Integer, Long> offsets(JsonNode node, String json) {
    check(node.isObject(), json);
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    node.fields()
        .forEachRemaining(
            field -> {
              check(field.getValue().isTextual(), json);
              offsets.put(Integer.valueOf(field.getKey()), Long.valueOf(field.getValue().textValue()));
            });
    return offsets;
  }

  private static void check(boolean isValid, String json) {
    if (!isValid) {
      throw new IllegalArgumentException(problem(json));
    }
  }

  private static String problem(String json) {
    return "Not a position: " + json + ". Expected [{\"topicId\":\"…\",\"offsets\":{\"0\":\"123\"},\"closed\":false}]";
  }
}
