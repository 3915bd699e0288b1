package io.holdfast.engine;

import io.holdfast.storage.TopicLog;
import java.util.function.BooleanSupplier;

/**
 * The way of one send through a {@link TopicGate}: it holds permits for messages that are not
 * appended yet, and gives back what is left of them at its end. For one thread.
 */
final class Admission implements AutoCloseable {
  private final TopicGate gate;
  private final boolean isInside;
  private final long deadline;
  private final BooleanSupplier closed;
  private long permits;

  /**
   * Begins without permits.
   *
   * @param gate of the topic
   * @param isInside whether the thread is one of the engine's, which never waits
   * @param deadline of a wait, as {@link System#nanoTime} counts
   * @param closed whether the producer is closed
   */
  Admission(TopicGate gate, boolean isInside, long deadline, BooleanSupplier closed) {
    this.gate = gate;
    this.isInside = isInside;
    this.deadline = deadline;
    this.closed = closed;
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

  BooleanSupplier closed() {
    return closed;
  }

  long permits() {
    return permits;
  }

  void add(long taken) {
    permits += taken;
  }

  /**
   * Appends within the limits; waits, or makes room, as the topic says.
   *
   * @param count of the messages
   * @param attempt may be made several times until it succeeds
   * @return what the attempt gave
   */
  <T> T append(int count, Attempt<T> attempt) {
    T answer = gate.append(this, count, attempt);
    permits = Math.max(0, permits - count); // those of the dead topic have none
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
