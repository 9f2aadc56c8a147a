package elt.driver;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Reads one JSON object strictly and collects every problem, so that all of them are reported at once. */
final class SpecReader {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final JsonNode object;
  private final String path;
  private final List<String> problems;
  private final TreeSet<String> unknownKeys = new TreeSet<>();
  private final List<SpecReader> children = new ArrayList<>();

  private SpecReader(JsonNode object, String path, List<String> problems) {
    this.object = object;
    this.path = path;
    this.problems = problems;
    object.fieldNames().forEachRemaining(unknownKeys::add);
  }

  /** A reader of the program argument. */
  static SpecReader of(String json) {
    try {
      JsonNode node = JSON.readTree(json);
      if (node instanceof ObjectNode) {
        return new SpecReader(node, "", new ArrayList<>());
      }
      throw invalid(List.of("expected a JSON object, was " + node.getNodeType()));
    } catch (JsonProcessingException e) {
      throw invalid(List.of("expected a JSON object: " + e.getOriginalMessage()));
    }
  }

  /** A required, non-empty string. */
  String text(String key) {
    String value = text(key, null);
    if (value == null && !isPresent(key)) {
      problem(key, "is missing, expected a string");
    }
    return value;
  }

  /** A string, {@code otherwise} when the key is absent or null. */
  String text(String key, String otherwise) {
    JsonNode node = take(key);
    if (!isPresent(key)) {
      return otherwise;
    }
    if (!node.isTextual() || node.textValue().isBlank()) {
      problem(key, "expected a non-empty string, was " + node);
      return otherwise;
    }
    return node.textValue();
  }

  /** A required table name, {@code namespace.name}. */
  String table(String key) {
    return checkedTable(key, text(key));
  }

  /** A table name or null. */
  String tableOrNull(String key) {
    return checkedTable(key, text(key, null));
  }

  private String checkedTable(String key, String name) {
    if (name != null && !name.matches("[A-Za-z0-9_]+\\.[A-Za-z0-9_]+")) {
      problem(key, "expected namespace.table of letters, digits and _, was \"" + name + "\"");
    }
    return name;
  }

  /** A whole number from {@code min}, {@code otherwise} when absent. */
  long number(String key, long min, long otherwise) {
    JsonNode node = take(key);
    if (!isPresent(key)) {
      return otherwise;
    }
    if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < min) {
      problem(key, "expected a whole number from " + min + ", was " + node);
      return otherwise;
    }
    return node.longValue();
  }

  /** A snapshot id, as text because JSON readers round such numbers; -1 when absent. */
  long id(String key) {
    String text = text(key, null);
    if (text == null || text.matches("-?\\d{1,19}")) {
      return text == null ? -1 : Long.parseLong(text);
    }
    problem(key, "expected a snapshot id, was \"" + text + "\"");
    return -1;
  }

  /** True or false, false when absent. */
  boolean flag(String key) {
    JsonNode node = take(key);
    if (isPresent(key) && !node.isBoolean()) {
      problem(key, "expected true or false, was " + node);
    }
    return node.isBoolean() && node.booleanValue();
  }

  /** One of the words; {@code otherwise} when absent, which is a problem when that is null. */
  <T> T choice(String key, Map<String, T> words, T otherwise) {
    String word = otherwise == null ? text(key) : text(key, null);
    if (word == null) {
      return otherwise;
    }
    if (!words.containsKey(word)) {
      problem(key, "expected one of " + words.keySet().stream().sorted().toList() + ", was \"" + word + "\"");
    }
    return words.getOrDefault(word, otherwise);
  }

  /** A nested object; an absent one reads as empty, so that its required keys are reported. */
  SpecReader object(String key) {
    JsonNode node = take(key);
    if (isPresent(key) && !node.isObject()) {
      problem(key, "expected an object, was " + node);
    }
    SpecReader child = new SpecReader(node.isObject() ? node : MissingNode.getInstance(), path + key + ".", problems);
    children.add(child);
    return child;
  }

  /** A list of objects; empty when absent. */
  List<SpecReader> objects(String key) {
    List<SpecReader> list = new ArrayList<>();
    for (JsonNode node : array(key)) {
      if (!node.isObject()) {
        problem(key, "expected objects, one was " + node);
      } else {
        list.add(new SpecReader(node, path + key + "[" + list.size() + "].", problems));
      }
    }
    children.addAll(list);
    return list;
  }

  /** A list of table names; empty when absent. */
  List<String> tables(String key) {
    List<String> names = new ArrayList<>();
    array(key).forEach(node -> names.add(checkedTable(key, node.asText())));
    return names;
  }

  private JsonNode array(String key) {
    JsonNode node = take(key);
    if (isPresent(key) && !node.isArray()) {
      problem(key, "expected a list, was " + node);
    }
    return node.isArray() ? node : JSON.createArrayNode();
  }

  /** An object whose values are all strings; empty when absent. */
  Map<String, String> texts(String key) {
    SpecReader child = object(key);
    Map<String, String> texts = new LinkedHashMap<>();
    List.copyOf(child.unknownKeys).forEach(name -> texts.put(name, child.text(name)));
    return texts;
  }

  /** Notes a problem with {@code key}. */
  void problem(String key, String problem) {
    problems.add("\"" + path + key + "\" " + problem);
  }

  /** Ends the reading: throws {@code invalid-spec} when there was any problem or a key nobody asked for. */
  void done() {
    reportUnknownKeys();
    if (!problems.isEmpty()) {
      throw invalid(problems);
    }
  }

  private void reportUnknownKeys() {
    unknownKeys.forEach(key -> problem(key, "is not a key of this specification"));
    children.forEach(SpecReader::reportUnknownKeys);
  }

  private JsonNode take(String key) {
    unknownKeys.remove(key);
    return object.path(key);
  }

  private boolean isPresent(String key) {
    return !object.path(key).isMissingNode() && !object.path(key).isNull();
  }

  private static DriverException invalid(List<String> problems) {
    return new DriverException(
        "invalid-spec",
        "The driver's argument is not a valid specification: "
            + String.join("; ", problems)
            + ". Nothing was done. Start runs with: elt run");
  }
}
