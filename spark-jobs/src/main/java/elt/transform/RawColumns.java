package elt.transform;

import java.util.List;

/** The columns of RAW that TRANSFORM itself reads, whatever the pipeline's SQL does. */
final class RawColumns {
  static final String TOPIC_ID = "kafka_topic_id";
  static final String PARTITION = "kafka_partition";
  static final String OFFSET = "kafka_offset";
  static final String TIMESTAMP = "kafka_timestamp";
  static final String TIMESTAMP_MS = "kafka_timestamp_ms";
  static final String KEY = "kafka_key";
  static final String VALUE = "kafka_value";

  /** The commit clock. */
  static final String INGESTED_AT = "ingested_at";

  static final List<String> ALL =
      List.of(TOPIC_ID, PARTITION, OFFSET, TIMESTAMP, TIMESTAMP_MS, KEY, VALUE, INGESTED_AT);

  private RawColumns() {}
}
