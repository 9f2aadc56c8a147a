package elt.driver;

/** How long a run goes on. */
public enum Mode {
  /** Until stopped. */
  FOLLOW,
  /** Until it has caught up with what was there at its start. */
  DRAIN
}
