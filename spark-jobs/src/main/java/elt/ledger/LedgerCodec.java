package elt.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import elt.driver.Micros;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Ledger entries as snapshot summaries and as mirrored table properties, and back. */
final class LedgerCodec {
  private static final ObjectMapper JSON = new ObjectMapper();

  private LedgerCodec() {}

  /** The summary keys of a commit. A clock that has not started yet has no key. */
  static Map<String, String> summary(LedgerEntry entry) {
    Map<String, String> summary = new LinkedHashMap<>();
    summary.put(LedgerKeys.RUN_ID, entry.writer().runId());
    summary.put(LedgerKeys.PIPELINE, entry.writer().pipeline());
    summary.put(LedgerKeys.STAGE, entry.writer().stage());
    summary.put(LedgerKeys.CLAIM, entry.writer().claim());
    summary.put(LedgerKeys.COMMIT_ID, entry.commitId());
    summary.put(LedgerKeys.START_POSITION, entry.start().json());
    summary.put(LedgerKeys.POSITION, entry.position().json());
    putIfPresent(summary, LedgerKeys.START_INGESTED_AT, Micros.iso(entry.startIngestedAt()));
    putIfPresent(summary, LedgerKeys.INGESTED_AT, Micros.iso(entry.ingestedAt()));
    summary.put(LedgerKeys.ROWS, Long.toString(entry.rows()));
    summary.put(LedgerKeys.GAPS, json(entry.gaps()));
    return summary;
  }

  /** The entry that a snapshot of ours carries. */
  static LedgerEntry entry(long snapshotId, Map<String, String> summary) {
    return new LedgerEntry(
        snapshotId,
        new Writer(
            summary.get(LedgerKeys.RUN_ID),
            summary.get(LedgerKeys.PIPELINE),
            summary.get(LedgerKeys.STAGE),
            summary.get(LedgerKeys.CLAIM)),
        summary.get(LedgerKeys.COMMIT_ID),
        Position.parse(summary.getOrDefault(LedgerKeys.START_POSITION, "[]")),
        Position.parse(summary.get(LedgerKeys.POSITION)),
        Micros.parse(summary.get(LedgerKeys.START_INGESTED_AT)),
        Micros.parse(summary.get(LedgerKeys.INGESTED_AT)),
        Long.parseLong(summary.getOrDefault(LedgerKeys.ROWS, "0")),
        gaps(summary.getOrDefault(LedgerKeys.GAPS, "{}")));
  }

  /** The properties that keep an entry alive when its snapshot has expired; a null value removes the property. */
  static Map<String, String> properties(LedgerEntry entry, long sequenceNumber, String totalRecords) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put(LedgerKeys.OWNER, entry.writer().owner());
    properties.put(LedgerKeys.RUN_ID, entry.writer().runId());
    properties.put(LedgerKeys.CLAIM, entry.writer().claim());
    properties.put(LedgerKeys.COMMIT_ID, entry.commitId());
    properties.put(LedgerKeys.POSITION, entry.position().json());
    properties.put(LedgerKeys.INGESTED_AT, Micros.iso(entry.ingestedAt()));
    properties.put(LedgerKeys.SNAPSHOT_ID, Long.toString(entry.snapshotId()));
    properties.put(LedgerKeys.SEQUENCE_NUMBER, Long.toString(sequenceNumber));
    properties.put(LedgerKeys.TOTAL_RECORDS, totalRecords);
    return properties;
  }

  /** What the properties still know of the newest entry: where it ended, not where it began nor its rows. */
  static LedgerEntry mirrored(Map<String, String> properties) {
    String[] owner = properties.getOrDefault(LedgerKeys.OWNER, "/").split("/", 2);
    Position position = Position.parse(properties.get(LedgerKeys.POSITION));
    Long ingestedAt = Micros.parse(properties.get(LedgerKeys.INGESTED_AT));
    return new LedgerEntry(
        Long.parseLong(properties.getOrDefault(LedgerKeys.SNAPSHOT_ID, "-1")),
        new Writer(
            properties.get(LedgerKeys.RUN_ID), owner[0], owner[owner.length - 1], properties.get(LedgerKeys.CLAIM)),
        properties.get(LedgerKeys.COMMIT_ID),
        position,
        position,
        ingestedAt,
        ingestedAt,
        0,
        Map.of());
  }

  private static void putIfPresent(Map<String, String> map, String key, String value) {
    if (value != null) {
      map.put(key, value);
    }
  }

  private static String json(Map<String, Long> gaps) {
    try {
      return JSON.writeValueAsString(new TreeMap<>(gaps));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Long> gaps(String json) {
    try {
      return Map.copyOf(JSON.readValue(json, new TypeReference<Map<String, Long>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not a map of gaps: " + json, e);
    }
  }
}
