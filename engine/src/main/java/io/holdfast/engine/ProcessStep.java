package io.holdfast.engine;

import java.util.List;

/**
 * What a message becomes: its outputs are sent and it is acked in one transaction, so each message
 * has its outputs exactly once, however often this is called for it.
 */
@FunctionalInterface
public interface ProcessStep {
  /**
   * Works on one message; must not settle its delivery. It may be called again for the same message
   * after a crash or a lost lease, so what it does outside of the store has to be done by {@link
   * Delivery#idempotencyKey}.
   *
   * @param delivery of the message
   * @return what is sent for it, perhaps nothing
   * @throws Exception any; the message is nacked with it and nothing is sent
   */
  List<Output> process(Delivery delivery) throws Exception;
}
