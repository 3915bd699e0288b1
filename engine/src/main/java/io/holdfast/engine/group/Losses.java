package io.holdfast.engine.group;

import io.holdfast.engine.EngineEvent;
import io.holdfast.engine.EngineEvent.Cause;
import io.holdfast.storage.TopicLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** What is said once a group of messages that it will never see: no loss is silent. */
final class Losses {
  private static final Logger LOG = System.getLogger(Losses.class.getName());

  private Losses() {}

  /**
   * Ends a message that the topic does not have any more and that a slot still holds: it counts by
   * what took it.
   *
   * @param context of the group
   * @param log the topic
   * @param state whose lock is held
   * @param slot that holds it
   */
  static void ofSlot(GroupContext context, TopicLog log, TopicState state, int slot) {
    long offset = state.slots.offset(slot);
    if (offset < log.firstOffset()) {
      state.dropSlot(slot, offset);
      dropped(context, log, offset, offset + 1, 1);
    } else {
      state.loseSlot(slot, offset);
      tell(context, log, offset, offset + 1, 1);
    }
  }

  /**
   * Says what retention has taken.
   *
   * @param context of the group
   * @param log the topic
   * @param from first offset of the range
   * @param to one past the last
   * @param count how many of them the group was not done with
   */
  static void dropped(GroupContext context, TopicLog log, long from, long to, long count) {
    context
        .events()
        .publish(
            new EngineEvent.MessagesLost(
                context.group(), log.name(), from, to, count, Cause.RETENTION));
  }

  /**
   * Says what was too old and is dropped, as the topic's onExpiry has it; nothing is logged.
   *
   * @param context of the group
   * @param log the topic
   * @param from first offset of the range
   * @param to one past the last
   * @param count how many of them the group was not done with
   */
  static void expired(GroupContext context, TopicLog log, long from, long to, long count) {
    context
        .events()
        .tell(
            new EngineEvent.MessagesLost(
                context.group(), log.name(), from, to, count, Cause.EXPIRY));
  }

  /**
   * Says what a damaged topic has lost.
   *
   * @param context of the group
   * @param log the topic
   * @param from first offset that is missing
   * @param to one past the last
   * @param count how many of them the group was not done with
   */
  static void tell(GroupContext context, TopicLog log, long from, long to, long count) {
    LOG.log(
        Level.WARNING,
        "{0}: offsets {1} to {2} were lost before the topic was salvaged; {3} of them had not been"
            + " done, and count as done now",
        "group " + context.group() + " on topic " + log.name(),
        Long.toString(from),
        Long.toString(to - 1),
        Long.toString(count));
    context
        .events()
        .tell(
            new EngineEvent.MessagesLost(
                context.group(), log.name(), from, to, count, Cause.DAMAGE));
  }
}
