package elt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;

/** One real Spark for all tests of the JVM: two threads, a catalog {@code lakehouse} in a temporary folder. */
public final class LocalSpark {
  private static final Path WAREHOUSE = temporaryFolder();
  private static final SparkSession SESSION =
      SparkSession.builder()
          .master("local[2]")
          .appName("elt-tests")
          .config("spark.ui.enabled", "false")
          .config("spark.sql.session.timeZone", "UTC")
          .config("spark.sql.catalogImplementation", "in-memory")
          .config("spark.sql.warehouse.dir", WAREHOUSE.resolve("spark").toString())
          .config(
              "spark.sql.extensions",
              "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
          .config("spark.sql.catalog.lakehouse", "org.apache.iceberg.spark.SparkCatalog")
          .config("spark.sql.catalog.lakehouse.type", "hadoop")
          .config("spark.sql.catalog.lakehouse.warehouse", WAREHOUSE.resolve("lakehouse").toString())
          .config("spark.hadoop.fs.file.impl", PlainLocalFiles.class.getName())
          .getOrCreate();

  private LocalSpark() {}

  public static SparkSession session() {
    return SESSION;
  }

  private static Path temporaryFolder() {
    try {
      Path folder = Files.createTempDirectory("elt-local-spark");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> FileUtil.fullyDelete(folder.toFile())));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
