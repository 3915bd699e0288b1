package io.holdfast.engine;

import io.holdfast.engine.group.EngineThreads;
import io.holdfast.engine.group.HandlerRun;
import io.holdfast.storage.error.HoldfastException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A handling is the way of one delivery through the handler of a subscription: perhaps over the
 * queue of an executor, then on a thread, then perhaps in a stage, and at its end it is settled.
 * Thread-safe. The subscription is told once that it is over, whichever way it took.
 */
final class Handling implements Runnable {
  private static final Logger LOG = System.getLogger(Handling.class.getName());

  /** The stage of a handler whose work is done when it returns. */
  private static final CompletionStage<?> RETURNED = CompletableFuture.completedStage(null);

  private final Subscription subscription;
  private final AsyncDeliveryHandler handler;
  private final Delivery delivery;
  private final HandlerRun run = new HandlerRun();

  Handling(Subscription subscription, AsyncDeliveryHandler handler, Delivery delivery) {
    this.subscription = subscription;
    this.handler = handler;
    this.delivery = delivery;
    delivery.handledBy(run);
  }

  /** Returns a handler for which this one's return is the completion. */
  static AsyncDeliveryHandler untilReturn(DeliveryHandler handler) {
    Objects.requireNonNull(handler, "handler");
    return delivery -> {
      handler.handle(delivery);
      return RETURNED;
    };
  }

  /** Handles on a thread of an executor; the time that the handler has begins now. */
  @Override
  public void run() {
    Settled begun = Settled.STALE;
    try {
      begun = delivery.begin();
    } catch (HoldfastException e) {
      subscription.settlingFailed(delivery, e);
    }
    if (begun == Settled.DONE) {
      handle();
    } else if (run.callOff()) {
      subscription.notHandled();
      over();
    }
  }

  /** Handles on the thread that has just received the delivery. */
  void handle() {
    if (delivery.lease().isRevoked() && run.callOff()) {
      over(); // the group has moved to another place, where the message may come again
      return;
    }
    if (!run.begin()) {
      return; // given back meanwhile
    }
    if (subscription.isGivingUp()) {
      run.interrupt();
    }
    CompletionStage<?> stage;
    EngineThreads.enter();
    try {
      stage = Objects.requireNonNull(handler.handle(delivery), "the handler returned no stage");
    } catch (Throwable e) { // an Error of a handler is the handler's as well
      complete(e);
      return;
    } finally {
      EngineThreads.leave();
    }
    if (stage == RETURNED) {
      complete(null);
    } else {
      run.goOn(() -> cancel(stage));
      follow(stage);
    }
  }

  /** Gives the message back at once if its handler has not begun. */
  void giveBack() {
    if (run.callOff()) {
      subscription.notHandled();
      settle(delivery::release);
    }
  }

  /** Interrupts the handler, or cancels its stage. */
  void interrupt() {
    run.interrupt();
  }

  boolean isOn(Thread thread) {
    return run.isOn(thread);
  }

  private void follow(CompletionStage<?> stage) {
    try {
      stage.whenComplete((value, error) -> complete(unwrapped(error)));
    } catch (RuntimeException e) { // stages may be of any make
      complete(e);
    }
  }

  private void complete(Throwable error) {
    if (!run.end()) {
      return;
    }
    if (error == null) {
      settle(delivery::ack);
    } else if (run.wasInterrupted() && subscription.isGivingUp()) {
      settle(delivery::release);
    } else {
      settle(() -> delivery.nack(error));
    }
  }

  private void settle(Supplier<Settled> how) {
    try {
      how.get(); // where the handler did it itself, or the lease has run out, this changes nothing
    } catch (HoldfastException e) {
      subscription.settlingFailed(delivery, e);
    } finally {
      over();
    }
  }

  /** The one end of each handling, settled or not: nothing of its run is left. */
  private void over() {
    try {
      delivery.handlerReturned();
    } finally {
      subscription.over(this);
    }
  }

  /** On a thread of its own: whoever waits for the stage is called, and may do anything. */
  private void cancel(CompletionStage<?> stage) {
    Runnable work =
        () -> {
          try {
            stage.toCompletableFuture().cancel(true);
          } catch (RuntimeException e) { // stages need not have a future
            LOG.log(Level.DEBUG, "the stage of " + delivery + " cannot be cancelled", e);
          }
        };
    Thread thread = new Thread(work, "holdfast-" + delivery.group() + "-cancel");
    thread.setDaemon(true);
    thread.start();
  }

  private static Throwable unwrapped(Throwable error) {
    Throwable at = error;
    while (at instanceof CompletionException && at.getCause() != null) {
      at = at.getCause();
    }
    return at;
  }
}
