package io.holdfast.engine;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.LeaseLostException;
import io.holdfast.engine.error.TopicFullException;
import io.holdfast.engine.error.TransactionTooLargeException;
import io.holdfast.engine.error.UnknownTopicException;
import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.InvalidNameException;
import io.holdfast.storage.error.MessageTooLargeException;
import io.holdfast.storage.error.RollTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/** Consumes, has a step work, and sends and acks in transactions. Thread-safe as its step is. */
final class Processing implements DeliveryHandler {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Engine engine;
  private final ProcessStep step;

  Processing(Engine engine, ProcessStep step) {
    this.engine = engine;
    this.step = Objects.requireNonNull(step, "step");
  }

  /** A delivery that the step has worked on. */
  private record Done(Delivery delivery, List<Output> outputs) {}

  /** One message, one transaction; whoever called settles it where this throws. */
  @Override
  public void handle(Delivery delivery) throws Exception {
    List<Output> outputs = step.process(delivery);
    try (Transaction transaction = engine.transaction()) {
      transaction.add(delivery, outputs);
      transaction.commit();
    } catch (TopicFullException | DiskFullException | RollTimeoutException e) {
      delivery.release(PAUSE); // it is not the message's fault
    }
  }

  /**
   * Works on messages that a consumer has received, and commits as many together as fit. Where this
   * throws, what is not committed is given back.
   *
   * @return how many are committed
   */
  int handle(List<Delivery> deliveries) {
    boolean isOver = false;
    try {
      int committed = commit(work(deliveries));
      isOver = true;
      return committed;
    } finally {
      if (!isOver) {
        deliveries.forEach(Processing::giveBack);
      }
    }
  }

  private static void giveBack(Delivery delivery) {
    try {
      delivery.release(); // one that is settled stays so
    } catch (AlreadyClosedException e) {
      return; // it was given back with its topic
    }
  }

  private List<Done> work(List<Delivery> deliveries) {
    List<Done> done = new ArrayList<>();
    for (Delivery delivery : deliveries) {
      try {
        done.add(new Done(delivery, List.copyOf(step.process(delivery))));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        deliveries.subList(done.size(), deliveries.size()).stream()
            .filter(each -> done.stream().noneMatch(other -> other.delivery() == each))
            .forEach(Processing::giveBack);
        return done; // the user means this call, and no message
      } catch (Exception e) {
        delivery.nack(e);
      }
    }
    return done;
  }

  private int commit(List<Done> done) {
    Deque<Done> left = new ArrayDeque<>(done);
    int committed = 0;
    while (!left.isEmpty()) {
      List<Done> fitting = new ArrayList<>();
      try (Transaction transaction = engine.transaction()) {
        while (!left.isEmpty() && add(transaction, left.peek(), fitting)) {
          left.remove();
        }
        committed += fitting.isEmpty() ? 0 : commit(transaction, fitting);
      }
    }
    return committed;
  }

  /** Returns false for one that belongs to the next transaction. */
  private static boolean add(Transaction transaction, Done next, List<Done> fitting) {
    try {
      transaction.add(next.delivery(), next.outputs());
      fitting.add(next);
    } catch (TransactionTooLargeException e) {
      if (!fitting.isEmpty()) {
        return false;
      }
      next.delivery().nack(e);
    } catch (UnknownTopicException | InvalidNameException | MessageTooLargeException e) {
      next.delivery().nack(e); // it is the step that is wrong
    }
    return true;
  }

  /** Where one of them is lost, the others are committed one by one. */
  private int commit(Transaction transaction, List<Done> done) {
    try {
      transaction.commit();
      return done.size();
    } catch (LeaseLostException e) {
      if (done.size() == 1) {
        return 0; // somebody else has it, or will
      }
      int committed = 0;
      for (Done each : done) {
        committed += commit(List.of(each));
      }
      return committed;
    }
  }
}
