package elt.driver;

/**
 * What a driver is asked to do: the one program argument, a JSON object, parsed strictly. Unknown keys, missing keys
 * and values of the wrong type are errors; all of them are reported together as {@code invalid-spec}.
 */
public sealed interface DriverSpec permits ExtractSpec, TransformSpec, RecoverSpec, MaintainSpec {
  /** The run's id, unique for each attempt. */
  String runId();

  /** The claim of the table; the run id unless the submission says otherwise. */
  String claim();

  /** The pipeline's name. */
  String pipeline();

  /** {@code extract} or {@code transform}: the stage whose ledger is written; or {@code maintain}, which writes none. */
  String stage();

  /** The name of the Iceberg catalog in the Spark session. */
  String catalog();

  /** The target table, {@code namespace.name}, without the catalog. */
  String table();

  /** Where metrics go, {@code host:port}; null for nowhere. */
  default String statsd() {
    return null;
  }

  /** The table's full name in Spark SQL, {@code catalog.namespace.name}. */
  default String tableInSpark() {
    return catalog() + "." + table();
  }
}
