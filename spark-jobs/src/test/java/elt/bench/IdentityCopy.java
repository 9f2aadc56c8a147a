package elt.bench;

import org.apache.spark.sql.SparkSession;

/**
 * The yardstick of TRANSFORM: how fast Spark and Iceberg copy the same rows as they are, on the same cluster and with the same settings.
 * Arguments: source table, target table, passes. The target is created anew for each pass; the first pass warms up and is not printed.
 */
public final class IdentityCopy {
  private IdentityCopy() {}

  public static void main(String[] args) {
    String from = args[0];
    String to = args[1];
    int passes = Integer.parseInt(args[2]);
    SparkSession spark = SparkSession.builder().getOrCreate();
    for (int pass = 0; pass <= passes; pass++) {
      spark.sql("DROP TABLE IF EXISTS " + to);
      spark.sql(
          "CREATE TABLE " + to + " USING iceberg PARTITIONED BY (days(kafka_timestamp)) TBLPROPERTIES ('format-version'='2',"
              + "'write.parquet.compression-codec'='snappy','write.distribution-mode'='none','write.spark.fanout.enabled'='true')"
              + " AS SELECT * FROM " + from + " WHERE false");
      long startedAt = System.nanoTime();
      spark.sql("INSERT INTO " + to + " SELECT * FROM " + from);
      double seconds = (System.nanoTime() - startedAt) / 1e9;
      long rows = spark.table(to).count();
      if (pass > 0) {
        System.out.printf("{\"rows\":%d,\"rowsPerSecond\":%.0f}%n", rows, rows / seconds);
      }
    }
    spark.sql("DROP TABLE IF EXISTS " + to);
    spark.stop();
  }
}
