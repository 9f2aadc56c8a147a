package elt.driver;

import java.util.Map;

/** How long a run goes on. */
public enum Mode {
  /** Until stopped. */
  FOLLOW,
  /** Until it has caught up with what was there at its start. */
  DRAIN;

  static final Map<String, Mode> WORDS = Map.of("follow", FOLLOW, "drain", DRAIN);
}
