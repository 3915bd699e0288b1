package io.holdfast.storage.history;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.agrona.collections.LongHashSet;

/**
 * How far a group is with each key that it gets in order. All before the last message of a key that
 * came were finished; so a message comes behind that one when it is finished, or is that one once
 * more. One that was left out is found when it comes. Not thread-safe.
 */
final class KeyFronts {
  private final History history;
  private final String group;
  private final Function<Stamp, String> keys;
  private final Map<String, Long> fronts = new HashMap<>(); // the last one that came, by key
  private final LongHashSet unfinished = new LongHashSet(); // of those: nobody asked for its end
  private long judged;

  KeyFronts(History history, String group, Function<Stamp, String> keys) {
    this.history = history;
    this.group = group;
    this.keys = keys;
  }

  /** A message came. */
  void got(long offset, Stamp stamp) {
    String key = keys.apply(stamp);
    if (key == null) {
      return; // waits for nobody
    }
    judged++;
    long front = fronts.getOrDefault(key, -1L);
    if (offset < front || offset > front && unfinished.contains(front)) {
      String what = "group %s: offset %d of key %s came, and offset %d was %s";
      String how = offset < front ? "handed out before it" : "not finished";
      history.add(Fault.REORDERED_IN_KEY, what, group, offset, key, front, how);
    }
    if (offset >= front) {
      unfinished.remove(front);
      unfinished.add(offset);
      fronts.put(key, offset);
    }
  }

  /** It may be done with from now on, whether that is answered or not. */
  void finishing(long offset) {
    unfinished.remove(offset);
  }

  /** The power was cut: what was finished may come again. */
  void cut() {
    fronts.clear();
    unfinished.clear();
  }

  /** Messages with a key that came. */
  long judged() {
    return judged;
  }
}
