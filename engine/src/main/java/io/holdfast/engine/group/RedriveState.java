package io.holdfast.engine.group;

import io.holdfast.engine.LoadSharing;
import io.holdfast.engine.Ordering;
import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.storage.TopicLog;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which dead letters of one topic and group were redriven, and the way back of those that are.
 * Thread-safe.
 *
 * <p>It is kept as the state of a group is: a letter that is sent back goes to Dying, is copied to
 * the topic of redriven messages, and is Done. Nobody receives letters here, so there are no other
 * states.
 */
public final class RedriveState implements Timed, AutoCloseable {
  private final GroupContext context;
  private final TopicLog log;
  private final TopicState state;
  private final ReentrantLock lock = new ReentrantLock();
  private final Redrives redrives;
  private final Dependent dependent;
  private boolean closed; // guarded by lock

  private RedriveState(GroupContext context, TopicLog log, TopicState state) {
    this.context = context;
    this.log = log;
    this.state = state;
    this.redrives = new Redrives(context, log, state, lock);
    state.countDead(redrives);
    String name = InternalNames.redriveState(context.group());
    String target = InternalNames.retry(log.name());
    this.dependent = new Dependent(name, log, state, lock, target, () -> {});
  }

  /**
   * Opens the state of a dead-letter topic, or makes it.
   *
   * @param context of the group whose letters they are
   * @param letters the dead-letter topic
   * @param directory of the state
   * @param groups of the dead-letter topic, which this one comes to
   * @return to be closed before the store
   * @throws io.holdfast.engine.error.DamagedGroupException when a file of it is damaged
   */
  public static RedriveState open(
      GroupContext context, TopicLog letters, Path directory, TopicGroups groups) {
    StateFiles files = new StateFiles(context, directory, letters.number());
    KeyOrder none = new KeyOrder(Ordering.none(), LoadSharing.ANY_FREE);
    StateRecovery recovery =
        new StateRecovery(files, none, letters, TopicLog::firstOffset, context);
    TopicState state = recovery.open();
    RedriveState redrive = new RedriveState(context, letters, state);
    try {
      redrive.freeOthers();
      redrive.redrives.recover(recovery.dying());
    } catch (RuntimeException | Error e) {
      redrive.redrives.stop();
      state.close();
      throw e;
    }
    groups.add(redrive.dependent);
    context.timer().add(redrive);
    return redrive;
  }

  /** What is neither Dying nor Done is damage, and must not keep its letter from being redriven. */
  private void freeOthers() {
    for (int slot = 0; slot < state.slots.size(); slot++) {
      SlotState found = SlotWord.state(state.slots.word(slot));
      if (found != SlotState.FREE && found != SlotState.DYING) {
        state.freeSlot(slot, state.slots.offset(slot));
      }
    }
  }

  /**
   * The dead-letter topic.
   *
   * @return its log
   */
  public TopicLog log() {
    return log;
  }

  /**
   * The topic of redriven messages, which is made where there is none.
   *
   * @return its log
   */
  public TopicLog makeTarget() {
    lock.lock();
    try {
      checkOpen();
    } finally {
      lock.unlock();
    }
    return redrives.target.make();
  }

  /**
   * Finds the next letter that is still there: neither redriven nor on its way.
   *
   * @param from an offset
   * @return that offset or a later one, which may lie beyond the last letter
   */
  public long nextThere(long from) {
    lock.lock();
    try {
      checkOpen();
      long offset = state.done.nextNotDone(from);
      while (state.isHeld(offset)) {
        offset = state.done.nextNotDone(offset + 1);
      }
      return offset;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends a letter back. When this returns its copy is as durable as the topic promises. Where it
   * throws, nothing was done, or the letter is on its way and is tried again after a second.
   *
   * @param offset of the letter; the topic of redriven messages is there
   * @return false when it has been redriven, or is on its way
   */
  public boolean redrive(long offset) {
    int slot;
    lock.lock();
    try {
      checkOpen();
      if (state.done.isDone(offset) || state.isHeld(offset)) {
        return false;
      }
      slot = begin(offset);
    } finally {
      lock.unlock();
    }
    redrives.writeNow(slot);
    return true;
  }

  /** A crash before the word: the letter is still there. After it: open looks for the copy. */
  private int begin(long offset) {
    state.ensureChunk(offset);
    state.makeFree(1);
    int slot = state.takeFree();
    state.slots.offset(slot, offset);
    state.slots.firstDelivery(slot, context.clock().time());
    state.slots.deadLetterEnd(slot, redrives.end());
    long word = SlotWord.delivered(state.slots.word(slot));
    state.slots.word(slot, SlotWord.withState(word, SlotState.DYING));
    state.addHeld(offset, slot);
    state.dyingChanged(1);
    return slot;
  }

  @Override
  public long tick() {
    if (redrives.retryAt() <= context.clock().time()) {
      redrives.write();
    }
    return redrives.retryAt();
  }

  /** Writes the head and unmaps the files. A second call does nothing. */
  @Override
  public void close() {
    context.timer().remove(this);
    redrives.stop();
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      dependent.close();
      try {
        state.writeHead();
      } finally {
        state.close();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "redrive of group " + context.group() + " from topic " + log.name();
  }

  private void checkOpen() {
    if (closed) {
      throw new AlreadyClosedException(
          "the " + this + " is closed: the engine was, or the topic or group was deleted");
    }
  }
}
