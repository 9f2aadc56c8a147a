-- Kafka values that are the text of a 64-bit integer, and the same number in French words.
-- Rows with a reject_reason go to the rejects table: tombstone, empty, not-utf8, not-an-integer, out-of-range.
SELECT
  integer_from_text(kafka_value) AS number,
  number_to_french(integer_from_text(kafka_value)) AS words,
  integer_reject_reason(kafka_value) AS reject_reason
FROM raw
