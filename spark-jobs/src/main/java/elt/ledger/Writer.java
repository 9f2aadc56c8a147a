package elt.ledger;

/**
 * Who writes a table.
 *
 * @param claim the token of the claim, normally the run id
 */
public record Writer(String runId, String pipeline, String stage, String claim) {
  /** A writer whose claim is its run id. */
  public Writer(String runId, String pipeline, String stage) {
    this(runId, pipeline, stage, runId);
  }

  /** The table's owner: pipeline and stage, whatever the run. */
  public String owner() {
    return pipeline + "/" + stage;
  }
}
