package elt.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTest {
  private static final String TWO_GENERATIONS =
      "[{\"topicId\":\"a\",\"offsets\":{\"0\":\"5\"},\"closed\":true},"
          + "{\"topicId\":\"b\",\"offsets\":{\"2\":\"9223372036854775807\",\"10\":\"0\"},\"closed\":false}]";

  @Test
  void jsonIsCanonicalWhateverTheOrder() {
    Position position =
        Position.EMPTY.startGeneration("a", Map.of(0, 5L)).startGeneration("b", Map.of(10, 0L, 2, Long.MAX_VALUE));
    assertEquals(TWO_GENERATIONS, position.json());
    assertEquals(position, Position.parse(TWO_GENERATIONS));
    assertEquals(position, Position.parse("  " + TWO_GENERATIONS.replace("\"2\":\"9223372036854775807\",\"10\":\"0\"",
        "\"10\": \"0\", \"2\": \"9223372036854775807\"")));
    assertEquals("[]", Position.EMPTY.json());
    assertEquals(Position.EMPTY, Position.parse("[]"));
  }

  @Test
  void jacksonWritesItAsJsonNotAsText() throws Exception {
    Position position = Position.parse(TWO_GENERATIONS);
    assertEquals("{\"p\":" + TWO_GENERATIONS + "}", new ObjectMapper().writeValueAsString(Map.of("p", position)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "{}", "null", "[1]", "[{}]",
        "[{\"topicId\":\"a\",\"offsets\":{\"0\":5},\"closed\":false}]",
        "[{\"topicId\":\"a\",\"offsets\":{\"0\":\"x\"},\"closed\":false}]",
        "[{\"topicId\":\"a\",\"offsets\":{\"zero\":\"5\"},\"closed\":false}]",
        "[{\"topicId\":\"a\",\"offsets\":{\"0\":\"5\"}}]",
        "[{\"topicId\":\"a\",\"offsets\":{},\"closed\":false},{\"topicId\":\"b\",\"offsets\":{},\"closed\":false}]"
      })
  void anythingElseIsRefused(String json) {
    assertThrows(IllegalArgumentException.class, () -> Position.parse(json));
  }

  @Test
  void advancesOnlyForwardAndKeepsPartitionsNotNamed() {
    Position position = Position.EMPTY.startGeneration("a", Map.of(0, 5L, 1, 7L));
    Position next = position.advance(Map.of(1, 8L, 2, 1L));
    assertEquals(new TreeMap<>(Map.of(0, 5L, 1, 8L, 2, 1L)), next.open().orElseThrow().offsets());
    assertEquals(OptionalLong.empty(), position.open().orElseThrow().next(2));
    assertThrows(IllegalArgumentException.class, () -> next.advance(Map.of(1, 7L)));
    assertThrows(IllegalStateException.class, () -> Position.EMPTY.advance(Map.of(0, 1L)));
  }

  @Test
  void aNewGenerationClosesTheOneBefore() {
    Position position = Position.EMPTY.startGeneration("a", Map.of(0, 5L)).startGeneration("b", Map.of());
    assertTrue(position.generations().get(0).closed());
    assertFalse(position.generations().get(1).closed());
    assertEquals("b", position.open().orElseThrow().topicId());
    Position closed = new Position(List.of(new Generation("a", new TreeMap<>(), true)));
    assertTrue(closed.open().isEmpty());
    assertFalse(closed.isEmpty());
  }
}
