package io.holdfast.engine;

import java.util.List;

/**
 * A receipt says that a transaction is committed: all of it, as durable as the strongest of its
 * topics promises.
 *
 * @param transactionId unique in the store
 * @param messages one receipt for each message, in the order of the sends; a place is final once
 *     the topic has it on the device, which follows within moments: after a power cut before that
 *     the message has another place
 */
public record TransactionReceipt(long transactionId, List<Receipt> messages) {
  /**
   * Takes a copy.
   *
   * @param transactionId any
   * @param messages not null
   */
  public TransactionReceipt {
    messages = List.copyOf(messages);
  }
}
