package elt.ledger;

import java.util.HashMap;
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
    return catalog(environment("ELT_METASTORE_URI"), Map.of());
  }

  /** A catalog as the drivers have it, with other S3 settings on top. */
  static Catalog catalog(String metastore, Map<String, String> others) {
    Configuration hadoop = new Configuration();
    hadoop.set("iceberg.hive.lock-heartbeat-interval-ms", "5000");
    Map<String, String> properties = new HashMap<>();
    properties.put("catalog-impl", WriteThroughCatalog.class.getName());
    properties.put("uri", metastore);
    properties.put("warehouse", environment("ELT_WAREHOUSE"));
    properties.put("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
    properties.put("s3.endpoint", environment("ELT_S3_ENDPOINT"));
    properties.put("s3.path-style-access", "true");
    properties.put("client.region", environment("ELT_S3_REGION"));
    properties.putAll(others);
    return CatalogUtil.buildIcebergCatalog("lakehouse", properties, hadoop);
  }

  static String environment(String name) {
    return Objects.requireNonNull(System.getenv(name), name + " must name a part of the running stack");
  }

  @Override
  public void close() {
    catalog.dropTable(name, true);
  }
}
