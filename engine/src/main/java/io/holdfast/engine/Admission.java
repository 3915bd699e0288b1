package io.holdfast.engine;

import io.holdfast.storage.TopicLog;

/**
 * The way of one send through a {@link TopicGate}: it holds permits for messages that are not
 * appended yet, and gives back what is left of them at its end. For one thread.
 */
final class Admission implements AutoCloseable {
  private final TopicGate gate;
  private final boolean isInside;
  private final long deadline;
  private final Runnable checkOpen;
  private long least;
  private long wanted;
  private long permits;

  /**
   * Begins without permits.
   *
   * @param gate of the topic
   * @param least messages that must have permits before one of them is appended
   * @param wanted messages that are to be appended, as many or more
   * @param isInside whether the thread is one of the engine's, which never waits
   * @param deadline of a wait, as {@link System#nanoTime} counts
   * @param checkOpen throws when the producer is closed
   */
  Admission(
      TopicGate gate,
      long least,
      long wanted,
      boolean isInside,
      long deadline,
      Runnable checkOpen) {
    this.gate = gate;
    this.least = least;
    this.wanted = wanted;
    this.isInside = isInside;
    this.deadline = deadline;
    this.checkOpen = checkOpen;
  }

  /** Appends to a log; null where its files would have too many bytes, and nothing was written. */
  interface Attempt<T> {
    T append(TopicLog to, long mostBytes);
  }

  boolean isInside() {
    return isInside;
  }

  long deadline() {
    return deadline;
  }

  /** Throws when waiting makes no sense any more. */
  void checkOpen() {
    checkOpen.run();
  }

  /** How many permits a number of messages lacks that are appended next. */
  long lacks(long count) {
    return Math.max(0, Math.max(least, count) - permits);
  }

  /** How many permits all that is left lacks. */
  long lacksAtMost() {
    return Math.max(0, wanted - permits);
  }

  void add(long taken) {
    permits += taken;
  }

  /** Messages were appended that need permits; returns how many had none. */
  long use(long count) {
    long used = Math.min(permits, count);
    permits -= used;
    return count - used;
  }

  /**
   * Waits for room for the messages that must have it, or makes room, as the topic says.
   *
   * @return how many may be appended now; a group that comes can make these fewer
   */
  long take() {
    gate.claim(this, least);
    return gate.isFree() ? wanted : permits;
  }

  /** Appends within the limits if there is room now; null where there is none. */
  <T> T tryAppend(int count, Attempt<T> attempt) {
    return appended(count, gate.tryAppend(this, count, attempt));
  }

  /**
   * Appends within the limits; waits, or makes room, as the topic says.
   *
   * @param count of the messages
   * @param attempt may be made several times until it succeeds
   * @return what the attempt gave
   */
  <T> T append(int count, Attempt<T> attempt) {
    return appended(count, gate.append(this, count, attempt));
  }

  private <T> T appended(int count, T answer) {
    if (answer != null) {
      least = Math.max(0, least - count);
      wanted -= count;
    }
    return answer;
  }

  @Override
  public void close() {
    if (permits > 0) {
      gate.release(permits);
      permits = 0;
    }
  }
}
