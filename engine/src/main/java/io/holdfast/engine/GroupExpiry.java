package io.holdfast.engine;

import io.holdfast.engine.group.GroupContext;
import io.holdfast.engine.group.Timed;
import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.PropertiesFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.NanoClock;

/**
 * Counts how long a group was not used, for one that expires: by the monotonic clock, so that a
 * clock that is set does not delete groups, and only while the store is open. Thread-safe.
 *
 * <p>The time is kept in the file {@code ~idle} beside the group's configuration, at each sixteenth
 * of expireAfter, at least once an hour, and at close; a crash forgets no more than that. When the
 * group is used the file goes, forced, before the consumer is there: what is forgotten makes a
 * group live longer, never shorter.
 */
final class GroupExpiry implements Timed, AutoCloseable {
  static final String NAME = "~idle"; // no topic has such a name

  private static final Logger LOG = System.getLogger(GroupExpiry.class.getName());
  private static final String MILLIS = "idleMillis";
  private static final long LONGEST_STEP = Duration.ofHours(1).toMillis();
  private static final long RETRY = Duration.ofMinutes(1).toMillis();
  private static final int STEPS = 16;

  private final GroupContext context;
  private final NanoClock monotonic;
  private final Path file;
  private final BooleanSupplier counts; // whether time counts now
  private final Runnable expire; // deletes the group, where it is still not used
  private final ReentrantLock lock = new ReentrantLock();
  private long idle; // milliseconds; guarded by lock
  private long noted; // of them in the file; guarded by lock
  private long since; // monotonic milliseconds up to which time was counted; guarded by lock
  private boolean timed; // the timer knows it; guarded by lock
  private boolean closed; // guarded by lock

  GroupExpiry(
      GroupContext context,
      NanoClock monotonic,
      Path file,
      BooleanSupplier counts,
      Runnable expire) {
    this.context = context;
    this.monotonic = monotonic;
    this.file = file;
    this.counts = counts;
    this.expire = expire;
  }

  /** Takes up what the last process counted; nobody uses the group yet. */
  void open() {
    lock.lock();
    try {
      since = now();
      if (limit().isPresent()) {
        idle = stored();
        noted = idle;
      }
      time();
    } finally {
      lock.unlock();
    }
  }

  /** Another configuration holds: whoever gave it has use for the group. */
  void configure() {
    lock.lock();
    try {
      since = now();
      reset();
      time();
    } finally {
      lock.unlock();
    }
  }

  /** Somebody uses the group; when this returns, the device does not know it as unused any more. */
  void used() {
    if (limit().isPresent()) {
      lock.lock();
      try {
        reset();
        since = now();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Whether time counts is about to change, or has begun to. */
  void changes(Runnable change) {
    lock.lock();
    try {
      count();
      change.run();
      since = now();
      time();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the group has not been used for as long as its configuration says. */
  boolean isOver() {
    lock.lock();
    try {
      count();
      return !closed && counts.getAsBoolean() && limit().filter(most -> idle >= most).isPresent();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long tick() {
    lock.lock();
    try {
      Optional<Long> limit = limit();
      if (closed || limit.isEmpty()) {
        return Long.MAX_VALUE; // another configuration asks again
      }
      count();
      long step = Math.min(LONGEST_STEP, Math.max(1, limit.get() / STEPS));
      if (!counts.getAsBoolean()) {
        return context.clock().time() + step; // time that does not count is passed by
      }
      if (idle >= limit.get()) {
        Thread thread = new Thread(expire, "holdfast-expiry"); // the timer waits for no file
        thread.setDaemon(true);
        thread.start();
        return context.clock().time() + RETRY; // where that fails
      }
      if (idle - noted >= step) {
        note();
      }
      long left = Math.min(limit.get() - idle, step - (idle - noted));
      return context.clock().time() + Math.max(1, left);
    } finally {
      lock.unlock();
    }
  }

  /** Stores what was counted. A second call does nothing. */
  @Override
  public void close() {
    context.timer().remove(this);
    lock.lock();
    try {
      if (!closed && limit().isPresent()) {
        count();
        if (idle != noted) {
          note();
        }
      }
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "expiry of group " + context.group();
  }

  private Optional<Long> limit() {
    return context.config().expireAfter().map(Duration::toMillis);
  }

  private long now() {
    return TimeUnit.NANOSECONDS.toMillis(monotonic.nanoTime());
  }

  private void count() {
    long now = now();
    if (counts.getAsBoolean()) {
      idle += now - since;
    }
    since = now;
  }

  private void time() {
    if (limit().isPresent() && !closed) {
      if (!timed) {
        timed = true;
        context.timer().add(this);
      }
      context.timer().schedule(context.clock().time()); // it asks for the next deadline
    }
  }

  /** The agent does one after the other, so what was noted before is gone, too. */
  private void reset() {
    idle = 0;
    if (noted > 0) {
      noted = 0;
      context
          .store()
          .onAgent(
              () -> {
                DurableFiles.delete(file);
                return null;
              });
    }
  }

  private void note() {
    noted = idle;
    SortedMap<String, String> properties = new TreeMap<>();
    properties.put(MILLIS, Long.toString(idle));
    context
        .store()
        .executeOnAgent(
            () -> {
              try {
                PropertiesFile.write(file, properties);
              } catch (HoldfastException e) { // the time is counted all the same
                LOG.log(Level.WARNING, this + ": how long it was not used is not stored", e);
              }
            });
  }

  private long stored() {
    try {
      if (!DurableFiles.exists(file)) {
        return 0;
      }
      return Long.parseLong(
          PropertiesFile.require(file, PropertiesFile.read(file), MILLIS));
    } catch (DamagedStoreException | NumberFormatException e) {
      LOG.log(Level.WARNING, this + " counts from 0: how long it was not used is not known", e);
      return 0;
    }
  }
}
