package io.holdfast.engine;

import io.holdfast.engine.error.SendOutcomeUnknownException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import java.time.Duration;
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
    await(end, false);
  }

  /** Whether a wait is one for the device. */
  boolean isSlow(boolean forced) {
    return forces || forced;
  }

  /** Whether a send asks for more than the topic promises. */
  boolean raises(Durability atLeast) {
    Durability promised = log.settings().durability();
    return !forces && (atLeast.forcesBeforeConfirming() || atLeast.forces() && !promised.forces());
  }

  /** The same, or on the device where that was asked for. */
  void await(long end, boolean forced) {
    if (!isSlow(forced)) {
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

  SendOutcomeUnknownException late(Duration timeout) {
    return new SendOutcomeUnknownException(
        "topic " + log.name() + ": the message was appended, and the device has not confirmed it"
            + " within confirmTimeout, " + timeout + "; the outcome is unknown: it may be there"
            + " or not after a power cut",
        null);
  }

  /** A receipt for a message that the topic has had before. */
  Receipt duplicate(long offset, Instant time) {
    return new Receipt(MessageId.of(log.number(), offset), offset, time, true);
  }

  /** A receipt for a message that the batch has already. */
  Receipt duplicate(RecordBatch batch, int index) {
    return duplicate(batch.firstOffset() + index, Instant.ofEpochMilli(batch.timestamp()));
  }

  Receipt receipt(RecordBatch batch, int index) {
    long offset = batch.firstOffset() + index;
    return new Receipt(
        MessageId.of(log.number(), offset), offset, Instant.ofEpochMilli(batch.timestamp()));
  }
}
