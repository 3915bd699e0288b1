package io.holdfast.engine.group;

import io.holdfast.storage.Signal;

/**
 * What is raised when a group may find something in one of its topics: it puts the topic among
 * those that are looked at, then wakes whoever waits for the group. See {@link ReadyTopics}.
 */
public final class TopicSignal extends Signal {
  private final ReadyTopics ring;
  private final Signal group;
  private volatile boolean marked; // raisers set it, lookers clear it before they look
  volatile boolean ready; // written under the ring's lock, read by raisers

  volatile GroupTopic topic; // null before it is added and after it has left; written under lock
  TopicSignal next; // guarded by the ring's lock
  TopicSignal previous; // guarded by the ring's lock

  TopicSignal(ReadyTopics ring, Signal group) {
    this.ring = ring;
    this.group = group;
  }

  /** Costs one atomic add and one read where nobody has looked since the last one. */
  @Override
  public void raise() {
    group.raise(); // a full fence between what was published and the look at the mark
    if (!marked) {
      mark();
    }
  }

  /** Keeps the topic among those that are looked at, or brings it back there. */
  void mark() {
    marked = true;
    if (!ready && ring.enter(this)) {
      group.raise(); // who looked before it was there is about to wait
    }
  }

  /** Whoever is about to look says so first: what is published from now on sets it again. */
  void unmark() {
    marked = false;
  }

  boolean isMarked() {
    return marked;
  }
}
