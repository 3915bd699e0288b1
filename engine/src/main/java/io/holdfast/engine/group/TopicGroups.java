package io.holdfast.engine.group;

import io.holdfast.storage.TopicLog;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;

/**
 * The groups that a topic must keep messages for. Whoever is closed stays, because its state is
 * still there; only one that was deleted leaves. Thread-safe.
 */
public final class TopicGroups {
  private final List<Dependent> all = new CopyOnWriteArrayList<>();
  private volatile Runnable reached = () -> {}; // set when the topic is opened, run by groups
  private volatile Runnable counted; // the same; null where the topic has no limit
  private volatile Runnable changed = () -> {}; // the same
  private volatile boolean dropsWhenNone; // set when the topic is opened
  private final Set<String> unknown = ConcurrentHashMap.newKeySet(); // added to at open

  /** Makes the list of a topic that nobody is on yet. */
  public TopicGroups() {
    // The fields are set where they are declared.
  }

  /**
   * Says whom groups tell of their progress, before any of them is there. Both are run under a
   * group's lock and must be short.
   *
   * @param whenReached when a low-water mark has come where it was awaited
   * @param whenCounted after each message that becomes done; null where nobody needs that
   * @param whenChanged when a group has come or gone, or moved
   */
  public void tell(Runnable whenReached, Runnable whenCounted, Runnable whenChanged) {
    reached = whenReached;
    counted = whenCounted;
    changed = whenChanged;
  }

  /**
   * The groups.
   *
   * @return of this moment
   */
  public List<Dependent> all() {
    return all;
  }

  /** A group has come. */
  void add(Dependent one) {
    one.tell(reached, counted, changed);
    all.removeIf(other -> other.group().equals(one.group())); // its state was closed in between
    all.add(one);
    unknown.remove(one.group());
    changed.run();
  }

  /**
   * A group is no longer on the topic, and the device knows that.
   *
   * @param group its name
   */
  public void remove(String group) {
    boolean wasUnknown = unknown.remove(group);
    if (all.removeIf(one -> one.group().equals(group)) || wasUnknown) {
      changed.run();
    }
  }

  /**
   * Says that a message which nobody is there for when it is sent counts as done.
   *
   * @param drops true where it does; false unless set
   */
  public void dropWhenNone(boolean drops) {
    dropsWhenNone = drops;
  }

  /**
   * Whether a message which nobody is there for when it is sent counts as done.
   *
   * @return false by default
   */
  public boolean dropsWhenNone() {
    return dropsWhenNone;
  }

  /** Returns where a group begins that comes now; the oldest message is the oldest that counts. */
  ToLongFunction<TopicLog> start(ToLongFunction<TopicLog> wanted) {
    return log -> start(log, wanted.applyAsLong(log));
  }

  private long start(TopicLog log, long offset) {
    if (!dropsWhenNone || offset > log.firstOffset()) {
      return offset;
    }
    // What was sent while there was none lies below the marks of all that are there.
    long least = all.stream().mapToLong(Dependent::lowWaterMark).min().orElse(log.endOffset());
    return Math.max(log.firstOffset(), least);
  }

  /**
   * A group's state could not be read: nobody knows what it needs, until it is deleted or leaves.
   *
   * @param group its name
   */
  public void refuse(String group) {
    unknown.add(group);
    changed.run();
  }

  /**
   * Whether a group's state could not be read at the opening.
   *
   * @return nothing of the topic may go then
   */
  public boolean areUnknown() {
    return !unknown.isEmpty();
  }

  /**
   * The groups whose state could not be read.
   *
   * @return their names, of this moment
   */
  public Set<String> unknown() {
    return new TreeSet<>(unknown);
  }

  /**
   * Whether the topic has no group at all.
   *
   * @return false also where there is one whose state could not be read
   */
  public boolean areNone() {
    return all.isEmpty() && unknown.isEmpty();
  }
}
