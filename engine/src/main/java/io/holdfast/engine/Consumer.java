package io.holdfast.engine;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.engine.group.GroupTopic;
import io.holdfast.engine.group.Lease;
import io.holdfast.engine.group.LeaseBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * A consumer receives messages for its group; consumers of one group share the load. Thread-safe.
 *
 * <p>The name tells people who had a message. It need not be the only one of its kind.
 *
 * <p>A receive that waits is parked until it is woken. A consumer that was made with idle
 * strategies waits in their way. Each wait has one to itself, so they need not be thread-safe: it
 * is asked to reset, used by one thread, and kept for a later wait.
 */
public final class Consumer implements AutoCloseable {
  private static final int USUAL_BATCH = 256;
  private static final Duration LONGEST_WAIT = Duration.ofDays(365);

  private final Group group;
  private final Members.Member holder;
  private final Supplier<? extends IdleStrategy> idles; // null: parked
  private final AtomicReference<IdleStrategy> spare = new AtomicReference<>(); // no wait has it
  private volatile boolean stopped; // written by stopReceiving and close, read by receive

  Consumer(Group group, String name, Supplier<? extends IdleStrategy> idles) {
    this.group = group;
    this.idles = idles;
    this.holder = group.members().member(name);
  }

  /**
   * Returns the consumer's name.
   *
   * @return the name
   */
  public String name() {
    return holder.name();
  }

  /**
   * Returns the group that the consumer belongs to.
   *
   * @return the group
   */
  public Group group() {
    return group;
  }

  /**
   * Receives messages: those that are available at once, up to {@code max}; if there is none, waits
   * for the first. Each delivery has a lease for the group's ackTimeout.
   *
   * @param max most deliveries, at least 1
   * @param wait how long to wait for the first, 0 or more; over a year is a year
   * @return in the order of each topic, retries first; empty when the time is over
   * @throws HoldfastInterruptedException when interrupted while waiting; nothing was received
   * @throws io.holdfast.storage.error.DiskFullException when there is no room for the group's
   *     state; the messages stay available
   * @throws AlreadyClosedException when the consumer or its engine is closed, also while waiting
   */
  public List<Delivery> receive(int max, Duration wait) {
    if (max < 1) {
      throw new IllegalArgumentException("receive at least 1 message, not " + max);
    }
    Duration bounded = wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    long deadline = System.nanoTime() + bounded.toNanos();
    List<Lease> leases = new ArrayList<>(Math.min(max, USUAL_BATCH));
    checkOpen();
    boolean counted = group.members().enter(holder);
    try {
      take(max, deadline, leases);
    } finally {
      if (counted) {
        group.members().leave(holder, !leases.isEmpty());
      }
    }
    if (stopped) {
      giveBack(leases);
      checkOpen();
    }
    LeaseBatch batch = leases.size() > 1 ? new LeaseBatch() : null;
    GroupConfig config = group.config();
    List<Delivery> deliveries = new ArrayList<>(leases.size());
    for (Lease lease : leases) {
      lease.inBatch(batch);
      deliveries.add(new Delivery(lease, config));
    }
    return deliveries;
  }

  /**
   * Closed meanwhile: what was taken after the close gave back the rest must go back too. Nothing
   * else, for handlers of a subscription may still be at work on what they have.
   */
  private static void giveBack(List<Lease> leases) {
    for (Lease lease : leases) {
      try {
        lease.groupTopic().release(lease, 0);
      } catch (AlreadyClosedException e) {
        continue; // it was given back with its topic
      }
    }
  }

  private void take(int max, long deadline, List<Lease> leases) {
    while (true) {
      long seen = group.signal().version();
      checkOpen();
      int share = group.members().share(holder, max);
      if (share > 0) {
        group.take(share, holder, leases);
      }
      long left = leases.isEmpty() ? deadline - System.nanoTime() : 0;
      if (left <= 0) {
        return;
      }
      await(seen, group.members().longestWait(left));
    }
  }

  /**
   * Receives messages as {@link #receive} does, has a step work on each, and sends what comes of
   * them and acks them in one transaction: exactly once. A message that the step throws for is
   * nacked, and one whose lease has run out meanwhile is left to whoever gets it; the others are
   * committed all the same, where they do not fit together in several transactions.
   *
   * @param max most messages, at least 1
   * @param wait how long to wait for the first, 0 or more
   * @param step what each message becomes, called on this thread
   * @return how many are committed
   * @throws io.holdfast.storage.error.HoldfastException as {@link #receive} and {@link
   *     Transaction#commit} do; what was not committed is given back, and counts no failure
   */
  public int process(int max, Duration wait, ProcessStep step) {
    Processing processing = group.processing(step);
    return processing.handle(receive(max, wait));
  }

  /**
   * Says that the work on several messages is done; the same as an ack of each, and faster.
   *
   * @param deliveries of this engine, in any order, of any consumer
   * @return how many acks took effect; the others had been settled before, or are stale
   */
  public int ackAll(List<Delivery> deliveries) {
    List<Lease> leases = new ArrayList<>(deliveries.size());
    deliveries.forEach(delivery -> leases.add(delivery.lease()));
    int done = 0;
    int from = 0;
    while (from < leases.size()) {
      GroupTopic of = leases.get(from).groupTopic();
      int to = from + 1;
      while (to < leases.size() && leases.get(to).groupTopic() == of) {
        to++;
      }
      done += of.ackAll(leases, from, to);
      from = to;
    }
    return done;
  }

  /**
   * Says that the work on a message is done, by its id, where the delivery is not at hand. Takes
   * time in proportion to what is out.
   *
   * @param messageId of a message that this consumer has
   * @return {@link Settled#STALE} where it does not have it, or not any more
   */
  public Settled ack(long messageId) {
    Delivery held = held(messageId);
    return held == null ? Settled.STALE : held.ack();
  }

  /**
   * Says that the work on a message failed, by its id.
   *
   * @param messageId of a message that this consumer has
   * @param error why; kept with the message
   * @return {@link Settled#STALE} where it does not have it, or not any more
   */
  public Settled nack(long messageId, Throwable error) {
    Delivery held = held(messageId);
    return held == null ? Settled.STALE : held.nack(error);
  }

  private Delivery held(long messageId) {
    GroupConfig config = group.config();
    Lease lease =
        group.held(holder, each -> new Delivery(each, config).messageId() == messageId);
    return lease == null ? null : new Delivery(lease, config);
  }

  /**
   * Ends the consumer: a receive that waits ends, and deliveries that are not settled are given
   * back, to be handed out at once; no failure is counted. A second call does nothing.
   */
  @Override
  public void close() {
    stopReceiving();
    group.members().remove(holder); // first: what a commit gives back meanwhile goes back, too
    group.releaseAll(holder);
    group.forget(this);
  }

  @Override
  public String toString() {
    return "consumer " + name() + " of group " + group.name();
  }

  /** Ends receive; what is out stays out. */
  void stopReceiving() {
    stopped = true;
    group.signal().raise();
  }

  private void await(long seen, long nanos) {
    try {
      if (idles == null) {
        group.signal().await(seen, nanos);
      } else {
        idle(seen, nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HoldfastInterruptedException(
          this + " was interrupted while waiting for a message; nothing was received");
    }
  }

  private void idle(long seen, long nanos) throws InterruptedException {
    IdleStrategy idle = spare.getAndSet(null);
    if (idle == null) {
      idle = Objects.requireNonNull(idles.get(), "idle strategy");
    }
    group.signal().await(seen, idle, nanos);
    spare.set(idle); // not after an interrupt: its state is anybody's guess
  }

  private void checkOpen() {
    if (stopped) {
      group.checkOpen();
      throw new AlreadyClosedException(this + " is closed; nothing was received");
    }
  }
}
