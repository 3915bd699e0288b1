package io.holdfast.engine;

import java.util.concurrent.CompletionStage;

/** An async delivery handler begins the work for one message and says when it is over. */
@FunctionalInterface
public interface AsyncDeliveryHandler {
  /**
   * Begins to handle a delivery. When the stage completes the delivery is acked; when it completes
   * exceptionally, or this throws, or the stage is null, it is nacked with that error. A delivery
   * that was settled by hand stays as it was settled.
   *
   * @param delivery the message and its lease, which lasts until the stage completes
   * @return completes when the work is done, on any thread
   * @throws Exception to have the message retried
   */
  CompletionStage<?> handle(Delivery delivery) throws Exception;
}
