package io.holdfast.bench.quick;

import org.agrona.DirectBuffer;

/** One queue that is measured, open in a directory of its own. */
interface Contender extends AutoCloseable {

  /** A producer for the calling thread. */
  Producer producer();

  /** A consumer for the calling thread, standing before the first message. */
  Consumer consumer();

  @Override
  void close();

  /** Appends messages one by one, each visible by itself. */
  interface Producer extends AutoCloseable {
    /** Appends a message, whose bytes are copied. */
    void append(byte[] payload);

    /** Does what the contender advises for time in which nothing is due. */
    default void idle() {
      // Most have nothing to do.
    }

    @Override
    default void close() {
      // Most hold nothing.
    }
  }

  /** Reads messages in order. */
  interface Consumer extends AutoCloseable {
    /** Handles what is there, at most a limit, and never waits; returns how many. */
    int poll(Handler handler, int limit);

    /** Says that what was handled is no longer needed. */
    default void release() {
      // A contender that keeps everything frees nothing.
    }

    @Override
    void close();
  }

  /** Is given each message. */
  @FunctionalInterface
  interface Handler {
    /** The payload, which is valid during the call only. */
    void onMessage(DirectBuffer buffer, int offset, int length);
  }
}
