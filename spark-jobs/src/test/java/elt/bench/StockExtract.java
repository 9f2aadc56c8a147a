package elt.bench;

import org.apache.spark.sql.SparkSession;

/**
 * The yardstick of EXTRACT's start: what anybody would write to land a topic once. Arguments: bootstrap servers, topic, table (created
 * or replaced). Prints when its commit was done.
 */
public final class StockExtract {
  private StockExtract() {}

  public static void main(String[] args) throws Exception {
    SparkSession spark = SparkSession.builder().appName("stock-extract").getOrCreate();
    spark
        .read()
        .format("kafka")
        .option("kafka.bootstrap.servers", args[0])
        .option("subscribe", args[1])
        .load()
        .writeTo(args[2])
        .using("iceberg")
        .createOrReplace();
    System.out.printf("{\"committedAt\":%d}%n", System.currentTimeMillis());
    spark.stop();
  }
}
