package io.holdfast.engine.group;

import io.holdfast.engine.Message;
import io.holdfast.storage.TopicLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** Brings messages that failed from Dying to Done, each with exactly one dead letter. */
final class DeadLetters extends Transfers {
  private static final Logger LOG = System.getLogger(DeadLetters.class.getName());

  private final boolean redriven;
  private final PoisonedKeys poisoned; // null where the rest of a key goes on
  private final Map<Integer, Failure> failures = new HashMap<>(); // by slot; guarded by stateLock

  DeadLetters(
      GroupContext context,
      TopicLog log,
      TopicState state,
      ReentrantLock stateLock,
      PoisonedKeys poisoned) {
    super(context, log, state, stateLock, target(context, log));
    this.poisoned = poisoned;
    this.redriven = InternalNames.isRetry(log.name());
  }

  /** There is no dead letter of a dead letter. */
  private static InternalTopic target(GroupContext context, TopicLog log) {
    return InternalNames.isDeadLetters(log.name())
        ? null
        : new InternalTopic(
            context.store(), log, InternalNames.deadLetters(log.name(), context.group()));
  }

  /**
   * Returns how many messages have ended here. The letters of redriven messages are counted where
   * the messages were sent to: both kinds stand in one topic.
   */
  @Override
  public long getAsLong() {
    return (redriven ? 0 : end()) + state.counters.parked;
  }

  /** Takes a slot that says Dying; the state's lock is held. */
  void add(int slot, Failure failure) {
    failures.put(slot, failure);
    addDying(slot);
  }

  @Override
  void foundDying(int slot) {
    failures.put(slot, Failure.stored(state.slots.details(slot)));
  }

  /**
   * A power cut may leave a word that says Dying and not the cause that was stored before it.
   * Nobody was told of that failure, so it does not count: the message is Available, as if the cut
   * had come before (6).
   */
  @Override
  boolean takeBackWhereTorn(int slot) {
    if (state.slots.isErrorWhole(slot)) {
      return false;
    }
    state.takeBack(slot, context.config().maxAttempts() - 1);
    return true;
  }

  /**
   * The key is poisoned before the letter is there, and it is locked until then: what comes behind
   * follows it, wherever the process dies. What followed says nothing of the key itself, which may
   * have been resumed meanwhile; nor does a message that was too old.
   */
  @Override
  void prepare(int slot) {
    if (poisoned != null && state.slots.details(slot).isOfItsOwn()) {
      RecordContent content = content(slot);
      if (content != null) {
        content.sent().message().key().ifPresent(poisoned::add);
      }
    }
  }

  @Override
  String id(RecordContent content) {
    return DeadLetterMessage.id(log, content, context.group());
  }

  @Override
  String idHeader() {
    return DeadLetterMessage.ID;
  }

  @Override
  Message copy(String id, RecordContent content, int slot) {
    return DeadLetterMessage.of(
        id,
        log.name(),
        context.group(),
        content,
        state.slots.word(slot),
        state.slots.details(slot),
        inState(() -> failures.get(slot)),
        context.clock().time());
  }

  /** It is parked: it stays where it is and comes no more. */
  @Override
  void endWithoutCopy(int slot) {
    long offset = state.slots.offset(slot);
    state.counters.parked++;
    state.writeHead();
    state.finish(slot, offset);
    failures.remove(slot);
    state.dyingChanged(-1);
    state.retireChunks();
    LOG.log(
        Level.WARNING,
        "group " + context.group() + " parked offset " + offset + " of " + log.name()
            + ": it failed there as often as the group allows");
  }

  @Override
  void forget(int slot) {
    failures.remove(slot);
  }

  @Override
  String copyName() {
    return "a dead letter";
  }
}
