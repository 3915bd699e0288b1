package io.holdfast.storage;

import io.holdfast.storage.file.StoreAgent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a store does when a topic has been idle for a second: forces the sealed segments that nobody
 * waited for, stores the durable point in the control file, and unmaps last segments where there
 * are too many. Runs on the flusher, and only while there is something to do. Thread-safe.
 */
final class Housekeeping {
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Store store;
  private final StoreAgent flusher;
  private final int mostAwake;
  private final AtomicBoolean asked = new AtomicBoolean(); // raised by anybody, lowered here
  private final AtomicInteger awake = new AtomicInteger(); // raised by appenders, lowered here
  private final Map<TopicLog, Seen> seen = new HashMap<>(); // flusher: at the last round

  Housekeeping(Store store, StoreAgent flusher, int mostAwake) {
    this.store = store;
    this.flusher = flusher;
    this.mostAwake = mostAwake;
  }

  /** How far a topic was when it was last looked at. */
  private record Seen(long end, long durable, boolean stored) {}

  /** There is something to do once the topic has come to rest. */
  void ask() {
    if (!asked.get() && asked.compareAndSet(false, true)) {
      flusher.schedule(this::round, IDLE_NANOS);
    }
  }

  /** One more last segment is mapped. */
  void woke() {
    if (awake.incrementAndGet() > mostAwake) {
      ask();
    }
  }

  /** On the flusher: a topic is gone, which had its last segment mapped or not. */
  void forget(TopicLog log, boolean isAwake) {
    seen.remove(log);
    if (isAwake) {
      awake.decrementAndGet();
    }
  }

  /** One round; asks for another one where a topic has not come to rest. */
  private void round() {
    asked.set(false); // whatever rises from here on asks again
    List<TopicLog> atRest = new ArrayList<>();
    boolean moving = false;
    for (TopicLog log : store.logs()) {
      Seen before = seen.getOrDefault(log, new Seen(-1, 0, true));
      Seen now = new Seen(log.endOffset(), log.durableOffset(), false);
      if (before.end() != now.end() || before.durable() != now.durable()) {
        seen.put(log, now);
        moving = true;
      } else if (!before.stored() || log.unforcedSegments() > 0) {
        log.settle();
        atRest.add(log);
        seen.put(log, new Seen(log.endOffset(), log.durableOffset(), true));
      }
      if (awake.get() > mostAwake && before.end() == now.end() && log.sleep()) {
        awake.decrementAndGet();
      }
    }
    if (!atRest.isEmpty()) {
      store.storeDurable(atRest);
    }
    if (moving) {
      ask();
    }
  }
}
