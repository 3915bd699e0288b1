package io.holdfast.engine.group;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the groups that have nothing before them in a topic of the next message there that has a
 * time to live: so none of them has to look for it. Thread-safe; takes no lock.
 */
public final class ExpiringSends {
  private final Map<Integer, Set<ExpirySweep>> waiting = new ConcurrentHashMap<>(); // by topic

  /** Makes it for an engine. */
  public ExpiringSends() {
    // The field is set where it is declared.
  }

  /**
   * Says that a message was appended. It must be so before this is called: whoever waits says so
   * before it looks for the end of the topic, so one of the two sees the other.
   *
   * @param topic number of the topic
   * @param expiresAt epoch milliseconds; the end of time where it has no time to live
   */
  public void sent(int topic, long expiresAt) {
    if (expiresAt == MessageExpiry.NEVER) {
      return;
    }
    Set<ExpirySweep> sweeps = waiting.get(topic);
    if (sweeps != null) {
      for (ExpirySweep sweep : sweeps) {
        sweeps.remove(sweep);
        sweep.wantAt(expiresAt);
      }
    }
  }

  void await(int topic, ExpirySweep sweep) {
    waiting.computeIfAbsent(topic, number -> ConcurrentHashMap.newKeySet()).add(sweep);
  }

  void forget(int topic, ExpirySweep sweep) {
    Set<ExpirySweep> sweeps = waiting.get(topic);
    if (sweeps != null) {
      sweeps.remove(sweep);
    }
  }
}
