package io.holdfast.engine.group;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.storage.TopicLog;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One group, or the redrives of one group, as its topic sees it: what the topic must keep for it,
 * and what may be taken from it all the same. Thread-safe.
 */
public final class Dependent {
  private final String group;
  private final TopicLog log;
  private final TopicState state;
  private final ReentrantLock lock; // of the state
  private final String target;
  private final Runnable expire;
  private final Dropping dropping;
  private boolean closed; // guarded by lock

  Dependent(
      String group,
      TopicLog log,
      TopicState state,
      ReentrantLock lock,
      String target,
      Runnable expire) {
    this.group = group;
    this.log = log;
    this.state = state;
    this.lock = lock;
    this.target = target;
    this.expire = expire;
    this.dropping = new Dropping(state, log.settings().durability().forcesBeforeConfirming());
  }

  static Dependent of(
      GroupTopic of, TopicState state, ReentrantLock lock, ExpirySweep sweep) {
    String target = InternalNames.deadLetters(of.log().name(), of.group());
    Runnable expire =
        () -> {
          sweep.wantNow();
          of.tick();
        };
    return new Dependent(of.group(), of.log(), state, lock, target, expire);
  }

  /**
   * The group.
   *
   * @return its name
   */
  public String group() {
    return group;
  }

  /**
   * How far the group is done.
   *
   * @return everything below this offset is done; what it was at the close after that
   */
  public long lowWaterMark() {
    lock.lock();
    try {
      return state.done.lowWaterMark();
    } finally {
      lock.unlock();
    }
  }

  /**
   * How many messages the group is done with, without a lock.
   *
   * @return counted from offset 0, which the topic may not have any more
   */
  public long doneCount() {
    return state.done.doneCount();
  }

  /**
   * Has the topic's retention asked once the low-water mark has come to an offset.
   *
   * @param offset which
   * @return false when it is there already, and nobody is asked
   */
  public boolean await(long offset) {
    lock.lock();
    try {
      return closed || state.done.await(offset);
    } finally {
      lock.unlock();
    }
  }

  /** Lets messages expire whose time is over. */
  public void expireNow() {
    expire.run();
  }

  /**
   * Takes everything below an offset away, but what is out or waits for another try: that is found
   * missing when its turn comes.
   *
   * @param to first offset that stays
   * @return how many messages the group was not done with; counted
   * @throws AlreadyClosedException when the state is closed; nothing was taken
   */
  public long dropBelow(long to) {
    lock.lock();
    try {
      checkOpen();
      return dropping.below(Math.min(to, log.endOffset()));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the oldest messages away that are neither out nor wait for another try.
   *
   * @param count how many, all of them or none
   * @return the offset behind them, counted; negative where there were fewer
   * @throws AlreadyClosedException when the state is closed; nothing was taken
   */
  public long dropOldest(long count) {
    lock.lock();
    try {
      checkOpen();
      return dropping.oldest(count, log.visibleEnd());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether {@link #dropOldest} would take so many now.
   *
   * @param count how many
   * @return false also when the state is closed
   */
  public boolean canDrop(long count) {
    lock.lock();
    try {
      return !closed && dropping.hasOldest(count, log.visibleEnd());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has the device know how far the group is, before the records below that go away. Waits for the
   * device.
   */
  public void forceMark() {
    CompletableFuture<Void> forced;
    lock.lock();
    try {
      checkOpen();
      state.writeHead();
      forced = state.forceOnAgent(state.head::force); // behind it comes the close, if there is one
    } finally {
      lock.unlock();
    }
    StateFiles.await(forced);
  }

  /**
   * Whether something is on its way from here into another topic, and might be written twice if
   * that one lost it meanwhile.
   *
   * @param topic the other one
   * @return false once all of it is done
   */
  public boolean writesTo(String topic) {
    if (!topic.equals(target)) {
      return false;
    }
    lock.lock();
    try {
      return state.dying() > 0;
    } finally {
      lock.unlock();
    }
  }

  /** Says whom the topic wants to be told; see {@link DoneBitmap#tell}. */
  void tell(Runnable reached, Runnable counted, Runnable moved) {
    lock.lock();
    try {
      state.done.tell(reached, counted, moved);
    } finally {
      lock.unlock();
    }
  }

  /** The state is closed; the lock is held. */
  void close() {
    closed = true;
  }

  private void checkOpen() {
    if (closed) {
      throw new AlreadyClosedException("group " + group + " on topic " + log.name() + " is closed");
    }
  }

  @Override
  public String toString() {
    return "group " + group + " on topic " + log.name();
  }
}
