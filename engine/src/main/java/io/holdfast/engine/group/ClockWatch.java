package io.holdfast.engine.group;

import io.holdfast.engine.EngineEvent;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * Says whether the clock may be believed when messages are to be thrown away by it. A clock that
 * leaves the monotonic one by more than an hour from one look to the next was set, or is broken; it
 * is not believed until it has come back, or a user says that it is right.
 *
 * <p>What a clock does while no engine is open, nobody can know. Thread-safe; its lock may be taken
 * under any other but that of the events.
 */
public final class ClockWatch implements Timed {
  private static final Logger LOG = System.getLogger(ClockWatch.class.getName());

  private static final long MOST = TimeUnit.HOURS.toMillis(1);
  private static final long LOOK_AGAIN = TimeUnit.MINUTES.toMillis(1);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1); // a stop between two reads

  private final EpochClock clock;
  private final NanoClock monotonic;
  private final Events events;
  private final ReentrantLock lock = new ReentrantLock();
  private long ahead; // of the monotonic clock, when it was last believed; guarded by lock
  private boolean trusted = true; // guarded by lock

  /**
   * Begins with believing the clock.
   *
   * @param clock epoch milliseconds; asked each time, so it must not lag
   * @param monotonic what it is compared with
   * @param events told of a jump
   */
  public ClockWatch(EpochClock clock, NanoClock monotonic, Events events) {
    this.clock = clock;
    this.monotonic = monotonic;
    this.events = events;
    this.ahead = ahead();
  }

  /**
   * Looks at both clocks. The answer holds for a time that was read before.
   *
   * @return whether anything may be thrown away because of the time
   */
  public boolean isTrusted() {
    EngineEvent jump = null;
    boolean agrees;
    lock.lock();
    try {
      long found = ahead();
      agrees = Math.abs(found - ahead) <= MOST;
      if (agrees) {
        ahead = found; // small steps, and clocks that run apart, are followed
        if (!trusted) {
          LOG.log(Level.INFO, "the clock has come back; messages expire again");
        }
      } else if (trusted) {
        long now = clock.time();
        jump =
            new EngineEvent.ClockJumped(
                Instant.ofEpochMilli(now - (found - ahead)), Instant.ofEpochMilli(now));
      }
      trusted = agrees;
    } finally {
      lock.unlock();
    }
    if (jump != null) {
      events.publish(jump);
    }
    return agrees;
  }

  /**
   * Looks at both clocks, so that a jump is told whatever is done with the time.
   *
   * @return a minute later where the clock is not believed: it may come back
   */
  @Override
  public long tick() {
    return isTrusted() ? Long.MAX_VALUE : clock.time() + LOOK_AGAIN;
  }

  @Override
  public String toString() {
    return "the watch over the clock";
  }

  /** Believes the clock as it is now. */
  public void trust() {
    lock.lock();
    try {
      ahead = ahead();
      trusted = true;
    } finally {
      lock.unlock();
    }
  }

  /** Milliseconds by which the clock is ahead; a process that is stopped in between looks again. */
  private long ahead() {
    while (true) {
      long before = monotonic.nanoTime();
      long now = clock.time();
      if (monotonic.nanoTime() - before < LOOK_NANOS) {
        return now - TimeUnit.NANOSECONDS.toMillis(before);
      }
    }
  }
}
