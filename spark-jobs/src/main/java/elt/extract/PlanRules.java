package elt.extract;

import elt.driver.ExtractSpec;

/**
 * What the user allows, and the names for messages.
 *
 * @param acceptsNewTopic go on with a topic that was deleted and created again
 * @param acceptsLoss skip records that retention removed before they were read
 */
public record PlanRules(
    String topic,
    String table,
    String pipeline,
    boolean startsFromLatest,
    boolean acceptsNewTopic,
    boolean acceptsLoss) {

  static PlanRules of(ExtractSpec spec) {
    return new PlanRules(
        spec.topic(),
        spec.table(),
        spec.pipeline(),
        spec.startsFromLatest(),
        spec.acceptsNewTopic(),
        spec.acceptsLoss());
  }

  /** The rules once what the user saw and accepted is done: what happens later was never accepted. */
  PlanRules acceptingNothing() {
    return new PlanRules(topic, table, pipeline, startsFromLatest, false, false);
  }
}
