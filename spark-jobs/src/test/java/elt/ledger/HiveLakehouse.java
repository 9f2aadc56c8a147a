package elt.ledger;

import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;

/** A table of its own in the running stack: Hive Metastore and S3. Keys come from AWS_ACCESS_KEY_ID and so on. */
final class HiveLakehouse extends TestLakehouse implements AutoCloseable {
  HiveLakehouse() {
    super(catalog(), TableIdentifier.of("ledger_test", "t" + UUID.randomUUID().toString().replace("-", "")));
  }

  private static Catalog catalog() {
    Configuration hadoop = new Configuration();
    hadoop.set("iceberg.hive.lock-heartbeat-interval-ms", "5000");
    return CatalogUtil.buildIcebergCatalog(
        "lakehouse",
        Map.of(
            "type", "hive",
            "uri", environment("ELT_METASTORE_URI"),
            "warehouse", environment("ELT_WAREHOUSE"),
            "io-impl", "org.apache.iceberg.aws.s3.S3FileIO",
            "s3.endpoint", environment("ELT_S3_ENDPOINT"),
            "s3.path-style-access", "true",
            "client.region", environment("ELT_S3_REGION")),
        hadoop);
  }

  private static String environment(String name) {
    return Objects.requireNonNull(System.getenv(name), name + " must name a part of the running stack");
  }

  @Override
  public void close() {
    catalog.dropTable(name, true);
  }
}
