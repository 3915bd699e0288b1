package io.holdfast.engine;

import io.holdfast.engine.EngineEvent.Cause;
import io.holdfast.engine.EngineEvent.MessagesLost;
import io.holdfast.engine.EngineEvent.TopicFull;
import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.TopicFullException;
import io.holdfast.engine.group.Dependent;
import io.holdfast.engine.group.EngineThreads;
import io.holdfast.engine.group.Events;
import io.holdfast.engine.group.TopicGroups;
import io.holdfast.storage.TopicLog;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What users' messages pass before they are appended to a topic that has limits, or that sends them
 * elsewhere while no group is there. Other topics have none. Thread-safe.
 *
 * <p>A message takes a permit before it is appended: {@code claimed} counts all that were ever
 * appended or are about to be, and never passes the messages that the slowest group is done with by
 * more than maxMessages. So producers that send at the same time never pass the limit together.
 */
final class TopicGate {
  private static final int RESERVE = 20; // one part in so many: 5 %
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final TopicLog log;
  private final long maxMessages;
  private final long maxBytes;
  private final OnFull onFull;
  private final TopicGroups groups;
  private final TopicKeeper keeper;
  private final Events events;
  private final DeadTopic dead; // null unless it takes what nobody is there for
  private final Confirmation confirmation;
  private final SendLine line = new SendLine();
  private final ReentrantReadWriteLock routing = new ReentrantReadWriteLock(); // groups come in it
  private final ReentrantLock counting = new ReentrantLock(); // held for moments
  private final AtomicLong claimed; // by senders: one past the last message that has a permit
  private volatile long allowed; // written under counting, read by senders: may be too low
  private final AtomicLong told = new AtomicLong(System.nanoTime() - TELL_NANOS);

  TopicGate(
      TopicLog log,
      TopicConfig config,
      TopicGroups groups,
      TopicKeeper keeper,
      Events events,
      DeadTopic dead) {
    this.log = log;
    this.maxMessages = config.maxMessages();
    this.maxBytes = config.maxBytes();
    this.onFull = config.onFull();
    this.groups = groups;
    this.keeper = keeper;
    this.events = events;
    this.dead = dead;
    this.confirmation = new Confirmation(log);
    this.claimed = new AtomicLong(log.endOffset());
  }

  /** Whether a topic needs a gate. */
  static boolean isNeeded(TopicConfig config) {
    return config.maxMessages() < TopicConfig.UNLIMITED
        || config.maxBytes() < TopicConfig.UNLIMITED
        || config.whenNoGroup() == WhenNoGroup.DEAD_TOPIC;
  }

  /** Makes what is appended to one of the two topics durable, and writes the receipts. */
  Confirmation confirmation(TopicLog of) {
    return of == log ? confirmation : new Confirmation(of);
  }

  /** Returns the one that a receipt came from. */
  Confirmation confirmation(Receipt receipt) {
    boolean isOurs = MessageId.of(log.number(), receipt.offset()) == receipt.messageId();
    return confirmation(isOurs ? log : dead.log());
  }

  boolean isOfSameTopic(Receipt one, Receipt other) {
    return one.messageId() - one.offset() == other.messageId() - other.offset();
  }

  /** A message became done, or files went; under the lock of a group, too. */
  void roomMade() {
    line.wake();
  }

  /** A group has come or gone. */
  void groupsChanged() {
    recount();
    line.wakeAll();
  }

  /** A producer was closed: its sends do not wait any longer. */
  void producerClosed() {
    line.wakeAll();
  }

  /** Has a group come while nothing is sent elsewhere because none is there. */
  <T> T whileRouted(Supplier<T> work) {
    routing.writeLock().lock();
    try {
      return work.get();
    } finally {
      routing.writeLock().unlock();
    }
  }

  /**
   * Lets a send in.
   *
   * @param messages that need permits, all of them before the first is appended
   * @param closed whether the producer is closed
   * @return to be closed
   * @throws TopicFullException when there is no room, and no way to get it
   */
  Admission admit(long messages, BooleanSupplier closed) {
    long deadline = System.nanoTime() + onFull.longest().toNanos();
    Admission admission =
        new Admission(this, EngineThreads.isCurrent(), deadline, closed);
    if (!isElsewhere()) {
      claim(admission, messages);
    }
    return admission;
  }

  /**
   * Lets a part of several sends in.
   *
   * @param most messages
   * @param since when the first of them was to be sent, as {@link System#nanoTime} counts
   * @param closed whether the producer is closed
   * @return with one permit or more, unless the messages go elsewhere
   */
  Admission admitSome(int most, long since, BooleanSupplier closed) {
    long deadline = since + onFull.longest().toNanos();
    Admission admission = new Admission(this, false, deadline, closed);
    if (!isElsewhere()) {
      long wanted = Math.min(most, maxMessages);
      if (onFull.kind() != OnFull.Kind.DROP_OLDEST && maxMessages < TopicConfig.UNLIMITED) {
        wanted = Math.max(1, Math.min(wanted, recount() - claimed.get()));
      }
      claim(admission, wanted);
    }
    return admission;
  }

  private boolean isElsewhere() {
    return dead != null && groups.all().isEmpty();
  }

  private void claim(Admission admission, long messages) {
    if (messages > maxMessages) {
      throw new TopicFullException(
          "topic " + log.name() + ": " + messages + " messages at once are more than its"
              + " maxMessages, " + maxMessages + "; nothing was sent. Send them in parts");
    }
    boolean mayPass = line.isEmpty() || !waits(admission);
    if (!(mayPass && tryClaim(messages, 0)) && !claimLater(admission, messages)) {
      throw full(admission, "maxMessages", maxMessages - (allowed - claimed.get()), maxMessages);
    }
    admission.add(messages);
  }

  private boolean claimLater(Admission admission, long messages) {
    makeRoom();
    boolean mayPass = line.isEmpty() || !waits(admission);
    if (mayPass && tryClaim(messages, 0)) {
      return true;
    }
    tell("maxMessages " + maxMessages);
    if (onFull.kind() == OnFull.Kind.DROP_OLDEST) {
      return claimByDropping(messages);
    }
    if (admission.isInside()) {
      return tryClaim(messages, Math.max(1, maxMessages / RESERVE));
    }
    return waits(admission)
        && line.await(
                () -> tryClaim(messages, 0) ? this : null,
                admission.deadline(),
                admission.closed(),
                log.name())
            != null;
  }

  private boolean waits(Admission admission) {
    return onFull.kind() == OnFull.Kind.BLOCK && !admission.isInside();
  }

  private boolean tryClaim(long messages, long reserve) {
    if (maxMessages == TopicConfig.UNLIMITED) {
      return true;
    }
    while (true) {
      long before = claimed.get();
      long after = before + messages;
      if (after > allowed + reserve && after > recount() + reserve) {
        return false;
      }
      if (claimed.compareAndSet(before, after)) {
        return true;
      }
    }
  }

  /** What the slowest group is done with, and maxMessages more. */
  private long recount() {
    if (maxMessages == TopicConfig.UNLIMITED) {
      return maxMessages;
    }
    counting.lock(); // else an older count might replace a newer one
    try {
      long least = Long.MAX_VALUE;
      for (Dependent group : groups.all()) {
        least = Math.min(least, group.doneCount());
      }
      long floor = least == Long.MAX_VALUE ? log.firstOffset() : least;
      allowed = floor + Math.min(maxMessages, Long.MAX_VALUE / 2);
      return allowed;
    } finally {
      counting.unlock();
    }
  }

  /** Gives permits back whose messages were not appended. */
  void release(long permits) {
    if (maxMessages < TopicConfig.UNLIMITED) {
      claimed.addAndGet(-permits);
      line.wake();
    }
  }

  /** What has expired, and what nobody needs, goes before anything else does. */
  private void makeRoom() {
    groups.all().forEach(Dependent::expireNow);
    keeper.round();
  }

  private boolean claimByDropping(long messages) {
    while (!tryClaim(messages, 0)) {
      if (groups.all().isEmpty()) {
        dropForNobody(messages);
        claimed.addAndGet(messages); // nobody loses anything that is kept too long
        return true;
      }
      if (groups.all().stream().allMatch(group -> canMakeRoom(group, messages))) {
        groups.all().forEach(group -> drop(group, over(group, messages)));
      } else if (log.visibleEnd() < log.endOffset()) {
        log.force(log.endOffset()); // only what is durable can be dropped
      } else {
        return tryClaim(messages, 0); // all that is left is out
      }
    }
    return true;
  }

  /** How many messages too many a group would have. */
  private long over(Dependent group, long messages) {
    return claimed.get() + messages - maxMessages - group.doneCount();
  }

  private boolean canMakeRoom(Dependent group, long messages) {
    long over = over(group, messages);
    return over <= 0 || group.canDrop(over);
  }

  private void drop(Dependent group, long count) {
    long from = group.lowWaterMark();
    if (count > 0 && group.dropOldest(count)) {
      events.publish(
          new MessagesLost(
              group.group(), log.name(), from, log.endOffset(), count, Cause.LIMIT));
    }
  }

  private void dropForNobody(long messages) {
    while (keeper.oldestEnd() <= claimed.get() + messages - maxMessages && keeper.dropOldest()) {
      // whole files, as long as maxMessages are left
    }
  }

  /** Appends within maxBytes, and to the right topic. */
  <T> T append(Admission admission, int count, Admission.Attempt<T> attempt) {
    T answer = tryAppend(admission, count, attempt, maxBytes);
    while (answer == null) {
      if (admission.permits() < count && !isElsewhere()) {
        claim(admission, count - admission.permits()); // a group has come since
        answer = tryAppend(admission, count, attempt, maxBytes);
      } else {
        answer = appendLater(admission, count, attempt);
        if (answer == null) {
          throw full(admission, "maxBytes", log.files().bytes(), maxBytes);
        }
      }
    }
    return answer;
  }

  private <T> T tryAppend(
      Admission admission, int count, Admission.Attempt<T> attempt, long mostBytes) {
    if (dead == null) {
      return attempt.append(log, mostBytes);
    }
    routing.readLock().lock(); // no group comes between the look and the append
    try {
      if (groups.all().isEmpty()) {
        return attempt.append(dead.log(), Long.MAX_VALUE);
      }
      return admission.permits() < count ? null : attempt.append(log, mostBytes);
    } finally {
      routing.readLock().unlock();
    }
  }

  private <T> T appendLater(Admission admission, int count, Admission.Attempt<T> attempt) {
    makeRoom();
    T answer = tryAppend(admission, count, attempt, maxBytes);
    if (answer != null) {
      return answer;
    }
    tell("maxBytes " + maxBytes);
    if (onFull.kind() == OnFull.Kind.DROP_OLDEST) {
      while (answer == null && keeper.dropOldest()) {
        answer = tryAppend(admission, count, attempt, maxBytes);
      }
      return answer;
    }
    if (admission.isInside()) {
      long reserve = Math.max(maxBytes / RESERVE, log.settings().leastBytes() / 4);
      return tryAppend(admission, count, attempt, maxBytes + reserve);
    }
    return waits(admission)
        ? line.await(
            () -> tryAppend(admission, count, attempt, maxBytes),
            admission.deadline(),
            admission.closed(),
            log.name())
        : null;
  }

  private RuntimeException full(Admission admission, String limit, long used, long most) {
    if (admission.closed().getAsBoolean()) {
      return new AlreadyClosedException(
          "the producer was closed while topic " + log.name() + " was full; nothing was sent");
    }
    String answer =
        switch (onFull.kind()) {
          case BLOCK ->
              admission.isInside()
                  ? "a handler or callback does not wait for room"
                  : "there was no room within " + onFull.longest();
          case REJECT -> "its onFull is reject";
          case DROP_OLDEST -> "nothing can be dropped: all of it is out, or not to be dropped";
        };
    return new TopicFullException(
        "topic " + log.name() + " uses " + used + " of its " + limit + ", " + most + ", and "
            + answer + "; nothing was sent. Have its groups (" + names()
            + ") consume faster, delete a group that is not used, or make a topic with more room");
  }

  private String names() {
    return String.join(", ", groups.all().stream().map(Dependent::group).toList());
  }

  /** Says so, but not for each message. */
  private void tell(String limit) {
    long now = System.nanoTime();
    long last = told.get();
    if (now - last >= TELL_NANOS && told.compareAndSet(last, now)) {
      events.publish(new TopicFull(log.name(), limit));
    }
  }
}
