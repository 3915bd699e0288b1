package io.holdfast.engine.group;

import io.holdfast.storage.Store;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The acks of transactions in one group and topic: Running to Committing, and from there to Done or
 * back. No other event touches a message in Committing; see docs/architecture.md, "Transactions".
 * Thread-safe.
 */
public final class Commits {
  private final GroupTopic groupTopic;
  private final GroupContext context;
  private final TopicState state;
  private final Settlement settlement;
  private final ReentrantLock lock; // of the group and topic

  Commits(
      GroupTopic groupTopic,
      GroupContext context,
      TopicState state,
      Settlement settlement,
      ReentrantLock lock) {
    this.groupTopic = groupTopic;
    this.context = context;
    this.state = state;
    this.settlement = settlement;
    this.lock = lock;
  }

  /**
   * The store that the group is in.
   *
   * @return open
   */
  public Store store() {
    return context.store();
  }

  /**
   * Has leases neither run out nor be settled otherwise until the commit has an outcome: all of
   * them or none.
   *
   * @param leases of this group and topic, each once
   * @return the first one that has run out or was settled, and nothing was done; or null
   */
  public Lease prepare(List<Lease> leases) {
    BriefLock.enter(lock);
    try {
      groupTopic.checkOpen();
      for (int i = 0; i < leases.size(); i++) {
        if (!settlement.beginCommit(leases.get(i))) {
          leases.subList(0, i).forEach(this::giveBack);
          return leases.get(i);
        }
      }
      return null;
    } finally {
      groupTopic.afterEvent();
    }
  }

  /**
   * The commit has failed: the leases are as they were, with a new deadline.
   *
   * @param leases that were prepared
   */
  public void rollBack(List<Lease> leases) {
    BriefLock.enter(lock);
    try {
      groupTopic.checkOpen();
      leases.forEach(this::giveBack);
    } finally {
      groupTopic.afterEvent();
    }
  }

  private void giveBack(Lease lease) {
    settlement.endCommit(lease, context.clock().time());
    context.signal().raise(); // a consumer that is gone meanwhile has given it back
  }

  /**
   * The commit has succeeded: the messages are done.
   *
   * @param leases that were prepared
   */
  public void finish(List<Lease> leases) {
    BriefLock.enter(lock);
    try {
      groupTopic.checkOpen();
      long now = context.clock().time();
      for (Lease lease : leases) {
        settlement.commit(lease);
        groupTopic.settled(lease, now);
      }
    } finally {
      groupTopic.afterEvent();
    }
  }

  /**
   * Has the device get all bits, on the store's agent.
   *
   * @return done when it has, and at once when the state is closed, which forces nothing more
   */
  public CompletableFuture<Void> forceBits() {
    lock.lock();
    try {
      if (state.isClosed()) {
        return CompletableFuture.completedFuture(null);
      }
      List<DoneChunk> chunks = state.done.chunks();
      return state.forceOnAgent(() -> chunks.forEach(DoneChunk::force));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for {@link #forceBits}.
   *
   * @param forced what that gave
   */
  public static void await(CompletableFuture<Void> forced) {
    StateFiles.await(forced);
  }
}
