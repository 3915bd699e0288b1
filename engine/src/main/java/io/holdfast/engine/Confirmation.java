package io.holdfast.engine;

import io.holdfast.engine.error.SendOutcomeUnknownException;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import java.time.Instant;

/** Makes appended messages as durable as their topic promises, and writes the receipts. */
final class Confirmation {
  private final TopicLog log;
  private final boolean forces;

  Confirmation(TopicLog log) {
    this.log = log;
    this.forces = log.settings().durability().forcesBeforeConfirming();
  }

  /**
   * Returns once everything below an offset is as durable as promised.
   *
   * @throws SendOutcomeUnknownException when that failed: the messages were appended
   */
  void await(long end) {
    if (!forces) {
      return;
    }
    try {
      log.force(end);
    } catch (HoldfastException e) {
      throw new SendOutcomeUnknownException(
          "topic " + log.name() + ": messages below offset " + end + " were appended but could not"
              + " be made durable; the outcome is unknown: after the next open they may be there"
              + " or not. Cause: " + e.getMessage(),
          e);
    }
  }

  Receipt receipt(RecordBatch batch, int index) {
    long offset = batch.firstOffset() + index;
    return new Receipt(
        MessageId.of(log.number(), offset), offset, Instant.ofEpochMilli(batch.timestamp()));
  }
}
