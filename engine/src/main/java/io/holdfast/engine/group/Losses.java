package io.holdfast.engine.group;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** What is said once a group of messages that it will never see: no loss is silent. */
final class Losses {
  private static final Logger LOG = System.getLogger(Losses.class.getName());

  private Losses() {}

  /**
   * Says it.
   *
   * @param group and topic
   * @param from first offset that is missing
   * @param to one past the last
   * @param count how many of them the group was not done with
   */
  static void log(Object group, long from, long to, long count) {
    LOG.log(
        Level.WARNING,
        "{0}: offsets {1} to {2} were lost before the topic was salvaged; {3} of them had not been"
            + " done, and count as done now",
        group.toString(),
        Long.toString(from),
        Long.toString(to - 1),
        Long.toString(count));
  }
}
