package elt.driver;

/** The moments at which tests break a driver; see {@link Failpoints}. */
public enum Failpoint {
  /** The run owns its tables; nobody has heard of it. */
  CLAIM_DONE("claim-done"),
  /** The batch's files are written; nothing of it is committed. */
  FILES_WRITTEN("files-written"),
  /** The catalog has been asked to commit the batch; its answer has not been heard. */
  COMMIT_SENT("commit-sent"),
  /** The batch is committed; no event says so. */
  COMMIT_DONE("commit-done");

  private final String word;

  Failpoint(String word) {
    this.word = word;
  }

  /** Its name in {@code elt.failpoints}. */
  public String word() {
    return word;
  }
}
