package io.holdfast.bench;

/**
 * What a latency run sends through: one level of Holdfast, with a sender's and a receiver's side.
 * Each side belongs to one thread at a time.
 */
interface Scenario extends AutoCloseable {
  /** Sender: takes a message, whose bytes are copied; several make a batch. */
  void add(byte[] payload);

  /** Sender: sends what was added, and returns when that is as durable as the level promises. */
  void flush();

  /** Receiver: handles the messages that are there, and never waits; returns how many. */
  int receive(Handler handler);

  @Override
  void close();

  /** Is given each message that is received. */
  @FunctionalInterface
  interface Handler {
    /** The payload, which is valid during the call only. */
    void onMessage(byte[] array, int offset, int length);
  }
}
