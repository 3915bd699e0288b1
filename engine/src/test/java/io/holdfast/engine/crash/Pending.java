package io.holdfast.engine.crash;

import java.util.List;

/**
 * A transaction whose outcome nobody was told: all of it must be found, or nothing. Immutable.
 *
 * @param sends what goes to topics
 * @param acks what is acked
 */
record Pending(List<Send> sends, List<Ack> acks) {
  /**
   * What goes to one topic.
   *
   * @param topic its name
   * @param from offset of the first message
   * @param to one past the last
   */
  record Send(String topic, long from, long to) {}

  /**
   * A message that is acked.
   *
   * @param group by whom
   * @param topic where
   * @param offset which
   */
  record Ack(String group, String topic, long offset) {}
}
