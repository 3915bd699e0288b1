package io.holdfast.engine;

import io.holdfast.engine.message.AttributeLayout;
import io.holdfast.engine.message.AttributeReader;

/**
 * An asynchronous send that has no answer yet: the message as it will stand in the topic, and who
 * is told. Belongs to the queue, then to the producer's thread.
 */
final class PendingSend {
  final byte[] attributes;
  final byte[] payload;
  final long since; // as System.nanoTime counts
  final long sequence; // -1 = none
  final String dedupId; // or null
  final boolean forced; // asked for more than the topic promises
  private final SendCallback callback;
  private boolean answered; // by whoever has taken it from Unconfirmed

  PendingSend(
      Message message,
      byte[] attributes,
      byte[] payload,
      boolean forced,
      SendCallback callback,
      long since) {
    this.sequence = message.sequence().orElse(-1);
    this.dedupId = message.dedupId().orElse(null);
    this.since = since;
    this.attributes = attributes;
    this.payload = payload;
    this.forced = forced;
    this.callback = callback;
  }

  /** Whether the topic may have the message already. */
  boolean mayBeDuplicate() {
    return sequence >= 0 || dedupId != null;
  }

  int bytes() {
    return attributes.length + payload.length;
  }

  /** When the message expires, epoch milliseconds; the end of time where it does not. */
  long expiresAt() {
    int tag = AttributeLayout.EXPIRES_AT;
    return AttributeReader.time(attributes, 0, attributes.length, tag, Long.MAX_VALUE);
  }

  /** Tells the callback, once; what it throws goes to the caller. */
  void answer(Receipt receipt, Throwable error) {
    if (!answered) {
      answered = true;
      callback.onComplete(receipt, error);
    }
  }
}
