package elt.ledger;

/** Keys of snapshot summaries and table properties; the names are a contract with audits, Trino and people. */
public final class LedgerKeys {
  public static final String RUN_ID = "elt.run-id";
  public static final String PIPELINE = "elt.pipeline";
  public static final String STAGE = "elt.stage";
  public static final String COMMIT_ID = "elt.commit-id";
  public static final String CLAIM = "elt.claim";
  public static final String START_POSITION = "elt.start-position";
  public static final String POSITION = "elt.position";
  public static final String START_INGESTED_AT = "elt.start-ingested-at";
  public static final String INGESTED_AT = "elt.ingested-at";
  public static final String ROWS = "elt.rows";
  public static final String GAPS = "elt.gaps";

  /** Note on a commit that took back rows ahead of SILVER: how many. */
  public static final String ROLLED_BACK_ROWS = "elt.rolled-back-rows";

  /** Note on a commit whose position was recomputed from the rows: {@code rows}. */
  public static final String RECOVERED_FROM = "elt.recovered-from";

  /** Note on a commit that only rearranges files: the run of MAINTAIN. */
  public static final String MAINTAINED_BY = "elt.maintained-by";

  /** Table property: a full refresh is about to replace, or has half replaced, rejects and SILVER. */
  public static final String REFRESH_BEGUN = "elt.full-refresh-begun";

  /** Table property: pipeline and stage that may write the table. */
  public static final String OWNER = "elt.owner";

  /** Table property: {@code CLAIM:STATE} of the last clean end. */
  public static final String RELEASED = "elt.released";

  /** Table property: rows of the table after the newest ledger commit. */
  public static final String TOTAL_RECORDS = "elt.total-records";

  /** Table property: snapshot of the newest ledger commit. */
  public static final String SNAPSHOT_ID = "elt.snapshot-id";

  /** Table property: sequence number of the newest ledger commit. */
  public static final String SEQUENCE_NUMBER = "elt.sequence-number";

  private LedgerKeys() {}
}
