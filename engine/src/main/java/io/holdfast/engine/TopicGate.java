package io.holdfast.engine;

import io.holdfast.engine.EngineEvent.TopicFull;
import io.holdfast.engine.error.TopicFullException;
import io.holdfast.engine.group.Dependent;
import io.holdfast.engine.group.EngineThreads;
import io.holdfast.engine.group.Events;
import io.holdfast.engine.group.TopicGroups;
import io.holdfast.storage.TopicLog;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.agrona.concurrent.NanoClock;

/**
 * What users' messages pass before they are appended to a topic that has limits, or that sends them
 * elsewhere while no group is there. Other topics have none. Thread-safe.
 *
 * <p>A message first takes a permit ({@link Permits}), then is appended within maxBytes; whoever
 * waits for the one does not stand in the way of those who wait for the other. While no group is on
 * a topic that keeps nothing for one, the topic is free: its messages need no permits.
 */
final class TopicGate {
  private static final int FILE_OVERHEAD = 1 << 16; // bytes; more than a file has besides records
  private static final int RESERVE = 20; // one part in so many: 5 %
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10); // with other sends
  private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  private final TopicLog log;
  private final Permits permits;
  private final long maxBytes;
  private final OnFull onFull;
  private final boolean keeps; // what is sent while there is no group
  private final TopicGroups groups;
  private final RoomMaker rooms;
  private final Events events;
  private final NanoClock clock;
  private final DeadTopic dead; // null unless it takes what nobody is there for
  private final Confirmation confirmation;
  private final SendLine forMessages; // senders that wait for permits
  private final SendLine forBytes; // senders that have theirs
  private final ReentrantReadWriteLock routing = new ReentrantReadWriteLock(); // groups come in it
  private final AtomicLong messagesTold; // when the listener was told last
  private final AtomicLong bytesTold;

  TopicGate(
      TopicLog log,
      TopicConfig config,
      TopicGroups groups,
      TopicKeeper keeper,
      TopicServices services,
      DeadTopic dead) {
    this.log = log;
    this.permits = new Permits(log, groups, config.maxMessages());
    this.maxBytes = config.maxBytes();
    this.onFull = config.onFull();
    this.keeps = config.whenNoGroup() == WhenNoGroup.KEEP;
    this.groups = groups;
    this.events = services.events();
    this.rooms = new RoomMaker(log, groups, keeper, permits, events);
    this.clock = services.monotonic();
    this.dead = dead;
    this.confirmation = new Confirmation(log);
    this.forMessages = new SendLine(log);
    this.forBytes = new SendLine(log);
    this.messagesTold = new AtomicLong(clock.nanoTime() - TELL_NANOS);
    this.bytesTold = new AtomicLong(clock.nanoTime() - TELL_NANOS);
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

  /** What a message that becomes done is to be told to; null where nobody needs to know. */
  Runnable whenDone() {
    return permits.areUnlimited() ? null : forMessages::wake;
  }

  /** Files went. */
  void filesDropped() {
    forMessages.wake(); // without a group what is kept counts
    forBytes.wake();
  }

  /** A group has come or gone. */
  void groupsChanged() {
    permits.recount();
    wakeAll();
  }

  /** Whoever waits looks whether that makes sense: a producer was closed. */
  void wakeAll() {
    forMessages.wakeAll();
    forBytes.wakeAll();
  }

  /** Has a group come while nothing is sent as if none were there. */
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
   * @param least messages that must have permits before one of them is appended
   * @param wanted messages that are to be appended, as many or more
   * @param since when the first of them was to be sent, as {@link System#nanoTime} counts
   * @param checkOpen throws when the producer is closed
   * @return without permits; to be closed
   */
  Admission admit(long least, long wanted, long since, Runnable checkOpen) {
    long deadline = since + onFull.longest().toNanos();
    return new Admission(this, least, wanted, EngineThreads.isCurrent(), deadline, checkOpen);
  }

  /** Whether no group is there and nothing is kept for one: whatever is sent counts as done. */
  boolean isFree() {
    return !keeps && groups.areNone();
  }

  /**
   * Has an admission have the permits that it must have, unless the topic is free.
   *
   * @param count of the messages that are appended next
   * @throws TopicFullException when there is no room, and no way to get it
   */
  void claim(Admission admission, long count) {
    if (admission.lacks(count) == 0) {
      return;
    }
    if (admission.lacks(count) > permits.most() && !isFree()) {
      throw new TopicFullException(
          "topic " + log.name() + ": " + admission.lacks(count) + " messages at once are more"
              + " than its maxMessages, " + permits.most() + "; nothing was sent. Send them in"
              + " parts");
    }
    boolean mayPass = forMessages.isEmpty() || !waits(admission);
    if (!(mayPass && tryClaim(admission, count, 0)) && !claimLater(admission, count)) {
      throw full(admission, "maxMessages", permits.most(), permits.used(), count + " more");
    }
  }

  private boolean claimLater(Admission admission, long count) {
    rooms.dropNeedless();
    boolean mayPass = forMessages.isEmpty() || !waits(admission);
    if (mayPass && tryClaim(admission, count, 0)) {
      return true;
    }
    tell(messagesTold, "maxMessages " + permits.most());
    if (onFull.kind() == OnFull.Kind.DROP_OLDEST) {
      long least = admission.lacks(count);
      long most = Math.max(least, Math.min(admission.lacksAtMost(), permits.most()));
      return claimByDropping(admission, most)
          || least < most && claimByDropping(admission, least);
    }
    if (admission.isInside()) {
      return tryClaim(admission, count, Math.max(1, permits.most() / RESERVE));
    }
    return waits(admission)
        && forMessages.await(admission, () -> tryClaim(admission, count, 0) ? this : null) != null;
  }

  private boolean waits(Admission admission) {
    return onFull.kind() == OnFull.Kind.BLOCK && !admission.isInside();
  }

  /** Also succeeds where no permits are needed. */
  private boolean tryClaim(Admission admission, long count, long reserve) {
    long lacks = admission.lacks(count);
    return tryClaim(admission, lacks, Math.max(lacks, admission.lacksAtMost()), reserve);
  }

  private boolean tryClaim(Admission admission, long least, long wanted, long reserve) {
    if (least == 0 || isFree()) {
      return true;
    }
    long taken = permits.take(least, wanted, reserve);
    admission.add(taken);
    return taken > 0;
  }

  private boolean claimByDropping(Admission admission, long wanted) {
    long patience = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      long claimed = permits.claimed();
      boolean isAllVisible = log.visibleEnd() >= claimed;
      if (tryClaim(admission, wanted, wanted, 0)) {
        return true;
      }
      if (groups.areNone()) {
        rooms.dropForNobody(wanted);
        permits.pass(wanted); // nobody loses anything that is kept too long
        admission.add(wanted);
        return true;
      }
      if (rooms.dropInGroups(wanted)) {
        continue;
      }
      if (tryClaim(admission, wanted, wanted, 0)) {
        return true; // another send has dropped what this one would have
      }
      if (isAllVisible && permits.claimed() == claimed || System.nanoTime() - patience > 0) {
        return false; // all that is left is out
      }
      if (log.visibleEnd() < log.endOffset()) {
        log.force(log.endOffset()); // only what is durable can be dropped
      } else {
        LockSupport.parkNanos(PAUSE_NANOS); // another send is about to append what can be dropped
      }
    }
  }

  /** Gives permits back whose messages were not appended. */
  void release(long count) {
    permits.giveBack(count);
    forMessages.wake();
  }

  /** An opening has appended messages of transactions. */
  void appended(int messages) {
    permits.pass(messages);
  }

  /**
   * Lets messages of a transaction in: takes their permits, and waits until there is room for a
   * file more, or makes it, as the topic says.
   *
   * @return the topic that they go to; where it is this one, they count as appended, and {@link
   *     #release} takes that back
   */
  TopicLog route(Admission admission, int count, int bytes) {
    long needed = Math.max(log.settings().leastBytes() / 4, bytes + FILE_OVERHEAD);
    if (needed > maxBytes / 2) {
      throw new TopicFullException(
          "topic " + log.name() + ": a transaction with " + bytes + " bytes for it is too large"
              + " for its maxBytes, " + maxBytes + "; nothing was sent. Commit it in parts");
    }
    return append(
        admission, count, (to, most) -> most - to.files().bytes() >= needed ? to : null);
  }

  /** Appends within maxBytes, and to the right topic. */
  <T> T append(Admission admission, int count, Admission.Attempt<T> attempt) {
    claim(admission, count);
    boolean mayPass = forBytes.isEmpty() || !waits(admission);
    T answer = mayPass ? tryAppend(admission, count, attempt, maxBytes) : null;
    if (answer == null && admission.lacks(count) > 0 && !isFree()) {
      return append(admission, count, attempt); // a group has come since
    }
    if (answer == null) {
      answer = appendLater(admission, count, attempt);
    }
    if (answer == null) {
      throw full(admission, "maxBytes", maxBytes, log.files().bytes(), "one file more");
    }
    return answer;
  }

  /** Appends if there is room now, and nobody waits for it. */
  <T> T tryAppend(Admission admission, int count, Admission.Attempt<T> attempt) {
    boolean mayPass = forBytes.isEmpty() || !waits(admission);
    return mayPass ? tryAppend(admission, count, attempt, maxBytes) : null;
  }

  private <T> T tryAppend(
      Admission admission, int count, Admission.Attempt<T> attempt, long mostBytes) {
    if (keeps) {
      return appendHere(admission, count, attempt, mostBytes);
    }
    routing.readLock().lock(); // no group comes between the look and the append
    try {
      if (isFree() && dead != null) {
        return attempt.append(dead.log(), Long.MAX_VALUE);
      }
      return tryClaim(admission, count, 0)
          ? appendHere(admission, count, attempt, mostBytes)
          : null;
    } finally {
      routing.readLock().unlock();
    }
  }

  private <T> T appendHere(
      Admission admission, int count, Admission.Attempt<T> attempt, long mostBytes) {
    T answer = attempt.append(log, mostBytes);
    if (answer != null) {
      permits.pass(admission.use(count)); // those of a topic that is free have no permits
    }
    return answer;
  }

  private <T> T appendLater(Admission admission, int count, Admission.Attempt<T> attempt) {
    rooms.dropNeedless();
    T answer = tryAppend(admission, count, attempt);
    if (answer != null) {
      return answer;
    }
    tell(bytesTold, "maxBytes " + maxBytes);
    if (onFull.kind() == OnFull.Kind.DROP_OLDEST) {
      while (answer == null && rooms.dropOldestFile()) {
        answer = tryAppend(admission, count, attempt, maxBytes);
      }
      return answer;
    }
    if (admission.isInside()) {
      long reserve = Math.max(maxBytes / RESERVE, log.settings().leastBytes() / 4);
      return tryAppend(admission, count, attempt, maxBytes + reserve);
    }
    return waits(admission)
        ? forBytes.await(admission, () -> tryAppend(admission, count, attempt, maxBytes))
        : null;
  }

  private TopicFullException full(
      Admission admission, String limit, long most, long used, String asked) {
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
        "topic " + log.name() + " uses " + used + " of its " + limit + ", " + most + ", " + asked
            + " was asked for, and " + answer + "; nothing was sent. " + advice());
  }

  private String advice() {
    if (groups.areNone()) {
      return "No group is there, and all that the topic keeps counts, also what groups that were"
          + " deleted had consumed: have a group consume it, or make a topic with more room or"
          + " another whenNoGroup";
    }
    String refused =
        groups.areUnknown()
            ? "; of what a group needs whose state is refused (" + names(groups.unknown())
                + ") nothing goes before that is repaired or the group deleted"
            : "";
    return "Have its groups ("
        + names(groups.all().stream().map(Dependent::group).toList())
        + ") consume faster, delete a group that is not used, or make a topic with more room"
        + refused;
  }

  private static String names(Collection<String> names) {
    return String.join(", ", names);
  }

  /** Says so, but not for each message. */
  private void tell(AtomicLong told, String limit) {
    long now = clock.nanoTime();
    long last = told.get();
    if (now - last >= TELL_NANOS && told.compareAndSet(last, now)) {
      events.publish(new TopicFull(log.name(), limit));
    }
  }
}
