/**
 * What a running native stack tells the rest: `$ELT_STACK_DIR/stack.json`, written atomically when `elt stack up` succeeds.
 * Addresses and paths only, never a secret. `commons/config.ts` reads `config` as the layer under `elt.yaml`.
 */
export interface StackState {
  /** Added to every well-known port. */
  readonly portOffset: number;
  /** Configuration values, in the shape of `elt.yaml` (see `commons/config-schema.ts`). */
  readonly config: {
    readonly kafka: { readonly bootstrapServers: string };
    readonly spark: {
      readonly masters: readonly string[];
      readonly rest: readonly string[];
      readonly ui: readonly string[];
      /** SPARK_HOME for the spark-submit submitter. */
      readonly home: string;
      /** Class path entries that exist on every Spark worker, e.g. `/…/spark-jars/*`. */
      readonly classPath: readonly string[];
      readonly javaOptions: readonly string[];
      /** The project's jar, as the workers see it. */
      readonly applicationJar: string;
    };
    readonly catalog: { readonly metastore: string; readonly warehouse: string };
    readonly s3: { readonly endpoint: string; readonly region: string; readonly pathStyle: boolean };
    readonly trino: { readonly url: string };
    readonly redis: { readonly url: string };
    /** With `--with metrics` only. */
    readonly metrics?: { readonly statsd: string; readonly telegraf: string };
  };
  /** Where things are on this machine, for scripts and tests. */
  readonly paths: {
    /** Java 17, for Spark, Kafka and the metastore. */
    readonly javaHome: string;
    /** Folder with Kafka's jars (its command-line tools included). */
    readonly kafkaJars: string;
    readonly logs: string;
    /** Generated keys, mode 0600: `{s3AccessKey, s3SecretKey, mariadbPassword, …}`. */
    readonly secrets: string;
  };
}
