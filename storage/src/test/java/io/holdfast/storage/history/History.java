package io.holdfast.storage.history;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the writers, readers and groups of one topic were told, over all lives of its store, and
 * what was found to be wrong with it. It is told while things happen, keeps what is not dropped,
 * and so judges runs of any length.
 *
 * <p>Thread-safe; each writer and each stream belongs to one thread at a time. A run over several
 * processes tells of each death with {@link #killed}, then reads what was appended meanwhile with
 * one {@link Stream}, which settles what became of messages without a confirmation.
 */
public final class History {
  private static final int MOST_FOUND = 20;

  private final Queue<Violation> found = new ConcurrentLinkedQueue<>();
  private final AtomicLong faults = new AtomicLong(); // also those that are not kept
  private final AtomicLong mayDrop = new AtomicLong(); // whoever drops raises, streams read
  private final AtomicLong dropped = new AtomicLong(); // the same
  private final Map<String, Deliveries> groups = new ConcurrentHashMap<>();
  private volatile Writer[] writers = {}; // by number; whoever adds one replaces it, under this

  /**
   * A new writer.
   *
   * @param name for people
   * @param generation of its process, for people
   * @return with the next number that is free
   */
  public Writer writer(String name, int generation) {
    synchronized (this) {
      return writer(writers.length, name, generation);
    }
  }

  /**
   * A new writer with a number of its own choice.
   *
   * @param number by which messages name it; small, because there is a list of all
   * @param name for people
   * @param generation of its process, for people
   * @return the writer
   */
  public Writer writer(int number, String name, int generation) {
    synchronized (this) {
      Writer[] all = Arrays.copyOf(writers, Math.max(writers.length, number + 1));
      if (all[number] != null) {
        throw new IllegalArgumentException(number + " is " + all[number]);
      }
      all[number] = new Writer(this, number, name, generation);
      writers = all;
      return all[number];
    }
  }

  /** A writer by its number; null where there is none. */
  Writer find(int number) {
    Writer[] all = writers;
    return number >= 0 && number < all.length ? all[number] : null;
  }

  Writer[] writers() {
    return writers;
  }

  /**
   * A reader that begins at offset 0.
   *
   * @return which is told what the reader sees
   */
  public Stream stream() {
    return new Stream(this);
  }

  /**
   * A group that begins at offset 0.
   *
   * @param name of the group
   * @param maxAttempts failures that make a dead letter; {@link Deliveries#UNLIMITED} for never
   * @return which is told what the group gets and settles; the same for the same name
   */
  public Deliveries group(String name, int maxAttempts) {
    return groups.computeIfAbsent(name, n -> new Deliveries(this, n, maxAttempts));
  }

  /** A group by its name; null where there is none. */
  Deliveries find(String group) {
    return groups.get(group);
  }

  /**
   * Says that a drop of what lies below an offset is about to be asked for.
   *
   * @param offset what is kept
   */
  public void mayDrop(long offset) {
    mayDrop.accumulateAndGet(offset, Math::max);
  }

  long mayDrop() {
    return mayDrop.get();
  }

  /** Whether what stands at an offset was dropped, and may be forgotten. */
  boolean isForgotten(long offset) {
    return offset < dropped.get();
  }

  /**
   * Says what was dropped, so that it can be forgotten. A reader that still stands there is judged
   * by what is known without it.
   *
   * @param offset below which everything was dropped
   */
  public void dropped(long offset) {
    mayDrop(offset);
    dropped.accumulateAndGet(offset, Math::max);
    for (Writer writer : writers) {
      if (writer != null) {
        writer.forgetBelow(offset);
      }
    }
  }

  /** Says that all writers so far are dead, with their process; once for each death. */
  public void killed() {
    groups.values().forEach(Deliveries::died);
    for (Writer writer : writers) {
      if (writer != null) {
        writer.ends();
      }
    }
  }

  /**
   * Says that the power was cut, which took all writers with it, and what recovery left.
   *
   * @param first offset that is kept
   * @param end of the topic after recovery
   * @param promised end below which everything was promised to be durable
   */
  public void cut(long first, long end, long promised) {
    if (end < promised) {
      add(Fault.LOST, "the topic ends at %d after a power cut, promised was %d", end, promised);
    }
    for (Writer writer : writers) {
      if (writer != null) {
        writer.cutAt(end);
      }
    }
    groups.values().forEach(group -> group.cut(first, end));
  }

  /**
   * Everything that is wrong.
   *
   * @return the first ones, in the order in which they were found
   */
  public List<Violation> violations() {
    return List.copyOf(found);
  }

  /**
   * How much is wrong.
   *
   * @return the count, also of those that {@link #violations} leaves out
   */
  public long faults() {
    return faults.get();
  }

  /**
   * Something that whoever tells the history has found itself.
   *
   * @param fault its kind
   * @param what was found, for {@link String#formatted}
   * @param details for the same
   */
  public void add(Fault fault, String what, Object... details) {
    if (faults.incrementAndGet() <= MOST_FOUND) {
      found.add(new Violation(fault, what.formatted(details)));
    }
  }
}
