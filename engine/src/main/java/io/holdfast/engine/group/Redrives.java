package io.holdfast.engine.group;

import io.holdfast.engine.Message;
import io.holdfast.storage.TopicLog;
import java.util.concurrent.locks.ReentrantLock;

/** Brings dead letters that are sent back from Dying to Done, each with exactly one message. */
final class Redrives extends Transfers {
  Redrives(GroupContext context, TopicLog log, TopicState state, ReentrantLock stateLock) {
    super(
        context,
        log,
        state,
        stateLock,
        new InternalTopic(context.store(), log, InternalNames.retry(log.name())));
  }

  /** No message of this topic ends as a dead letter. */
  @Override
  public long getAsLong() {
    return 0;
  }

  @Override
  String id(RecordContent letter) {
    return DeadLetterMessage.id(log, letter, context.group());
  }

  @Override
  String idHeader() {
    return RedrivenMessage.ID;
  }

  @Override
  Message copy(String id, RecordContent letter, int slot) {
    return RedrivenMessage.of(id, letter, log.name() + " at offset " + letter.offset());
  }

  @Override
  void foundDying(int slot) {
    // The slot says all that is known of it.
  }

  @Override
  boolean takeBackWhereTorn(int slot) {
    return false; // there is no cause that could be torn
  }

  @Override
  void endWithoutCopy(int slot) {
    throw new IllegalStateException("slot " + slot + " of a topic that has a target");
  }

  @Override
  void forget(int slot) {
    // Nothing is known beside the slot.
  }

  @Override
  String copyName() {
    return "a redriven message";
  }
}
