package io.holdfast.engine;

import io.holdfast.engine.EngineEvent.Cause;
import io.holdfast.engine.EngineEvent.MessagesLost;
import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.group.Dependent;
import io.holdfast.engine.group.Events;
import io.holdfast.engine.group.TopicGroups;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Makes room in a topic that has met a limit, on the thread of the send: what has expired and what
 * nobody needs goes first, then, where the topic says so, the oldest. Thread-safe.
 */
final class RoomMaker {
  private static final Logger LOG = System.getLogger(RoomMaker.class.getName());

  private final TopicLog log;
  private final TopicGroups groups;
  private final TopicKeeper keeper;
  private final Permits permits;
  private final Events events;

  RoomMaker(
      TopicLog log, TopicGroups groups, TopicKeeper keeper, Permits permits, Events events) {
    this.log = log;
    this.groups = groups;
    this.keeper = keeper;
    this.permits = permits;
    this.events = events;
  }

  /** What has expired, and what nobody needs, goes before anything else does. */
  void dropNeedless() {
    for (Dependent group : groups.all()) {
      tryTo(group::expireNow, group);
    }
    tryTo(keeper::round, keeper);
  }

  /** What fails here is not the sender's: whether there is room is seen at the next attempt. */
  private static void tryTo(Runnable work, Object of) {
    try {
      work.run();
    } catch (HoldfastException e) {
      LOG.log(Level.DEBUG, "no room could be made in " + of, e);
    }
  }

  /**
   * Drops the oldest messages in the groups that have too many with some more; in all of these
   * groups or in none.
   *
   * @return false where one of the groups has not so many that can be dropped
   */
  boolean dropInGroups(long messages) {
    for (Dependent group : groups.all()) {
      long over = permits.over(group, messages);
      if (over > 0 && !group.canDrop(over)) {
        return false;
      }
    }
    try {
      groups.all().forEach(group -> drop(group, permits.over(group, messages)));
    } catch (AlreadyClosedException e) { // it is just being deleted
      LOG.log(Level.DEBUG, "the oldest messages of topic " + log.name() + " stay", e);
      return false;
    }
    return !groups.all().isEmpty(); // one whose state is refused cannot be asked
  }

  private void drop(Dependent group, long count) {
    if (count <= 0) {
      return;
    }
    long from = group.lowWaterMark();
    long to = group.dropOldest(count);
    if (to > 0) {
      events.publish(
          new MessagesLost(group.group(), log.name(), from, to, count, Cause.LIMIT));
    }
  }

  /** Drops whole files of a topic without groups, as long as maxMessages are left. */
  void dropForNobody(long messages) {
    while (keeper.oldestEnd() <= permits.claimed() + messages - permits.most()
        && dropOldestFile()) {
      // one by one
    }
  }

  /** Returns false where none can be dropped. */
  boolean dropOldestFile() {
    return keeper.dropOldest();
  }
}
