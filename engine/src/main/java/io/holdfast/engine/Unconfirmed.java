package io.holdfast.engine;

import io.holdfast.engine.group.GroupTimer;
import io.holdfast.engine.group.Timed;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * What a producer's thread has appended and waits for the device to confirm: it is answered by that
 * thread or, when the device takes longer than the confirmTimeout, by one of its own, so that a
 * callback holds up nobody. Whoever takes it answers it; the other one finds it taken.
 */
final class Unconfirmed implements Timed {
  private final long timeout; // nanoseconds
  private final EpochClock clock;
  private final NanoClock monotonic; // decides; the clock only says when to look
  private final GroupTimer timer;
  private final String name; // of the producer
  private final AtomicReference<Wait> current = new AtomicReference<>();
  private boolean added; // to the timer; the producer's thread only

  Unconfirmed(ProducerConfig config, ProducerServices services) {
    this.timeout = config.confirmTimeout().toNanos();
    this.clock = services.clock();
    this.monotonic = services.monotonic();
    this.timer = services.timer();
    this.name = config.name();
  }

  private record Wait(long since, Runnable answer) {}

  /**
   * The wait begins; by the producer's thread.
   *
   * @param answerLate answers what waits, on another thread
   */
  void begin(Runnable answerLate) {
    if (!added) {
      added = true;
      timer.add(this);
    }
    current.set(new Wait(monotonic.nanoTime(), answerLate));
    timer.schedule(clock.time() + TimeUnit.NANOSECONDS.toMillis(timeout));
  }

  /** The wait is over, however it ended; returns false where what waited has its answer. */
  boolean end() {
    return current.getAndSet(null) != null;
  }

  /** There are no more waits. */
  void close() {
    timer.remove(this);
  }

  @Override
  public long tick() {
    Wait wait = current.get();
    if (wait == null) {
      return Long.MAX_VALUE;
    }
    long left = timeout - (monotonic.nanoTime() - wait.since());
    if (left > 0) {
      return clock.time() + TimeUnit.NANOSECONDS.toMillis(left) + 1;
    }
    if (current.compareAndSet(wait, null)) {
      Thread thread = new Thread(wait.answer(), "holdfast-producer-" + name + "-late");
      thread.setDaemon(true);
      thread.start();
    }
    return Long.MAX_VALUE;
  }

  @Override
  public String toString() {
    return "the unconfirmed sends of producer " + name;
  }
}
