package io.holdfast.bench.quick;

import java.util.concurrent.atomic.AtomicLongArray;

/** What producers and consumer of a stream tell each other: how far it read, and the end. */
final class Flow {
  /** Messages that a producer appends between two looks at the consumer. */
  static final int STEP = 32;

  private static final int APART = 16; // longs: two cache lines

  private final long window;
  private final int producers;
  private final AtomicLongArray consumed; // consumer writes (release), producers read (acquire)
  private volatile boolean stopped; // consumer and main write, all read

  /** A flow in which each producer may be ahead by a window of messages. */
  Flow(int producers, long window) {
    this.window = window;
    this.producers = producers;
    this.consumed = new AtomicLongArray((producers + 1) * APART);
  }

  boolean isAhead(int producer, long sequence) {
    return sequence + STEP - consumed.getAcquire((producer + 1) * APART) > window;
  }

  void consumed(OrderCheck check) {
    for (int i = 0; i < producers; i++) {
      consumed.setRelease((i + 1) * APART, check.next(i));
    }
  }

  void stop() {
    stopped = true;
  }

  boolean isStopped() {
    return stopped;
  }
}
