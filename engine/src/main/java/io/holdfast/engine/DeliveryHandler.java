package io.holdfast.engine;

/** A delivery handler does the work for one message of a subscription. */
@FunctionalInterface
public interface DeliveryHandler {
  /**
   * Handles a delivery: a return acks it, an exception nacks it with that error. A delivery that
   * the handler has settled itself stays as it was settled.
   *
   * @param delivery the message and its lease, which lasts as long as the handler runs
   * @throws Exception to have the message retried
   */
  void handle(Delivery delivery) throws Exception;
}
