package io.holdfast.engine.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.collections.LongArrayList;

/**
 * What transactions have acked that may not be in the states of their groups yet; filled before the
 * groups of a store are opened, and taken from by each state that is. Thread-safe.
 */
public final class CommittedAcks {
  private final Map<Place, LongArrayList> left = new HashMap<>(); // guarded by this
  private boolean cut; // guarded by this

  /**
   * A group on a topic.
   *
   * @param group its name
   * @param topic number of the topic
   */
  private record Place(String group, int topic) {}

  /** Makes it without any. */
  public CommittedAcks() {
    // The fields are set where they are declared.
  }

  /**
   * Adds acks of a transaction.
   *
   * @param group its name
   * @param topic number of the topic
   * @param offsets of the messages
   */
  public synchronized void add(String group, int topic, long[] offsets) {
    LongArrayList all = left.computeIfAbsent(new Place(group, topic), p -> new LongArrayList());
    for (long offset : offsets) {
      all.addLong(offset);
    }
  }

  /** Gives the acks of a state that is being opened. */
  synchronized List<Long> of(String group, int topic) {
    LongArrayList found = left.isEmpty() ? null : left.get(new Place(group, topic));
    return found == null ? List.of() : new ArrayList<>(found);
  }

  /** The device has them in the state: they are not left. */
  synchronized void taken(String group, int topic) {
    left.remove(new Place(group, topic));
  }

  /** One of them is of a message that its topic does not have (any more). */
  synchronized void isCut() {
    cut = true;
  }

  /**
   * Whether a message that was acked is not there.
   *
   * @return true where a power cut took the end of a topic
   */
  public synchronized boolean wasCut() {
    return cut;
  }

  /**
   * Whether nobody has taken the acks of a group on a topic.
   *
   * @param group its name
   * @param topic number of the topic
   * @return false where there were none
   */
  public synchronized boolean isLeft(String group, int topic) {
    return left.containsKey(new Place(group, topic));
  }

  /** Forgets what nobody has taken: all states are open that can be. */
  public synchronized void clear() {
    left.clear();
  }
}
