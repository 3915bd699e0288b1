package io.holdfast.tools.demo;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the workers told, kept in the parent's memory and nowhere in the store: the store is held
 * against it at the end. For one thread.
 */
final class DemoRecord {
  private final long burst;
  private final DemoEvents events;
  private final PoisonRecord poison = new PoisonRecord();
  private final TimeRecord time = new TimeRecord();
  private final BitSet sent = new BitSet();
  private final Map<String, GroupRecord> groups = new TreeMap<>();
  private final Map<String, Integer> begun = new HashMap<>(); // by key: audit's latest
  private final BitSet back = new BitSet();
  private long disordered;
  private long backAgain;
  private long redriven;
  private long[] latencies = new long[1024];
  private int latencyCount;
  private long firstSent;
  private long lastSent;
  private long burstNanos;
  private long burstSent;
  private long workerPid;
  private long workerStart;
  private long openMillis;
  private boolean finished;

  DemoRecord(long burst, DemoEvents events) {
    this.burst = burst;
    this.events = events;
    groups.put(DemoPlan.AUDIT, new GroupRecord());
    groups.put(DemoPlan.NOTIFY, new GroupRecord());
  }

  /** Takes one line of a worker's tale, see {@link DemoTale}. */
  void take(String line, long nanoTime) {
    String[] words = line.split(" ");
    switch (words[0]) {
      case "opened" -> opened(words);
      case "sent" -> sent(Integer.parseInt(words[1]), nanoTime);
      case "acked" -> {
        group(words[1]).acked(Integer.parseInt(words[2]), Integer.parseInt(words[3]));
        latency(Integer.parseInt(words[2]), Long.parseLong(words[4]));
      }
      case "failed" -> {
        group(words[1]).failed(Integer.parseInt(words[2]));
        latency(Integer.parseInt(words[2]), Long.parseLong(words[4]));
      }
      case "began" -> began(Integer.parseInt(words[2]));
      case "redriving" -> redriven = 0;
      case "redriven" -> redriven = Long.parseLong(words[1]);
      case "back" -> back(Integer.parseInt(words[1]));
      case "finished" -> finished = true;
      default -> throw new IllegalStateException("a worker told what nobody understands: " + line);
    }
  }

  private void opened(String[] words) {
    workerPid = Long.parseLong(words[1]);
    workerStart = Long.parseLong(words[2]);
    openMillis = Long.parseLong(words[3]);
    firstSent = 0;
  }

  private void sent(int offset, long nanoTime) {
    sent.set(offset);
    if (offset < burst) {
      if (firstSent == 0) {
        firstSent = nanoTime;
        lastSent = nanoTime;
      }
      burstNanos += nanoTime - lastSent;
      lastSent = nanoTime;
      burstSent++;
    }
  }

  /** What was out at the kill comes once more, and nothing behind it before it was acked. */
  private void began(int offset) {
    String key = events.get(offset).key().orElse("");
    int before = begun.getOrDefault(key, -1);
    disordered += !key.isEmpty() && offset < before ? 1 : 0;
    begun.put(key, Math.max(before, offset));
  }

  private void back(int offset) {
    backAgain += back.get(offset) ? 1 : 0;
    back.set(offset);
  }

  private void latency(int offset, long micros) {
    if (offset >= burst && micros >= 0) {
      if (latencyCount == latencies.length) {
        latencies = Arrays.copyOf(latencies, 2 * latencyCount);
      }
      latencies[latencyCount++] = micros;
    }
  }

  GroupRecord group(String name) {
    return groups.get(name);
  }

  /** Offsets of messages that were confirmed. */
  BitSet sent() {
    return sent;
  }

  /** Latencies of the steady part, microseconds, ascending. */
  long[] latencies() {
    long[] sorted = Arrays.copyOf(latencies, latencyCount);
    Arrays.sort(sorted);
    return sorted;
  }

  /** Messages of the burst that were confirmed while a worker ran, a second. */
  double burstRate() {
    return burstNanos == 0 ? 0 : burstSent * 1e9 / burstNanos;
  }

  /** The worker that told last. */
  long workerPid() {
    return workerPid;
  }

  /** Where the topic ended when it opened the store. */
  long workerStart() {
    return workerStart;
  }

  /** How long that opening took. */
  long openMillis() {
    return openMillis;
  }

  /** Messages that audit's handlers got behind a later one of their key: there must be none. */
  long disordered() {
    return disordered;
  }

  /** Keys of messages that audit's handlers got. */
  long keys() {
    return begun.keySet().stream().filter(key -> !key.isEmpty()).count();
  }

  /** Dead letters that were sent back, as the redrive said. */
  long redriven() {
    return redriven;
  }

  /** Offsets of messages that were acked after they had been dead letters. */
  BitSet back() {
    return back;
  }

  /** Messages that came back and had come back before: there must be none. */
  long backAgain() {
    return backAgain;
  }

  /** What was told of the message that kills its process. */
  TimeRecord time() {
    return time;
  }

  PoisonRecord poison() {
    return poison;
  }

  /** Whether a worker came to its end. */
  boolean finished() {
    return finished;
  }
}
