package io.holdfast.storage.history;

/**
 * One that sends messages to a topic, numbered 0, 1, 2, ..., and is told their offsets in order. It
 * says what it is about to send, so that whatever else is found was sent by nobody.
 *
 * <p>One thread sends and one is told, which may be another; what is read is asked by any.
 */
public final class Writer {
  private final History history;
  private final int number;
  private final String name;
  private final int generation;
  private final Places places = new Places(); // guarded by this
  private long reached; // one past the last offset that was told; guarded by this
  private volatile long announced; // the sender raises it before it sends, streams read
  private volatile long cutAway; // what was announced at a power cut that took some of it
  private volatile boolean ended; // whoever tells of its death, streams read

  Writer(History history, int number, String name, int generation) {
    this.history = history;
    this.number = number;
    this.name = name;
    this.generation = generation;
  }

  /**
   * What its messages name it by.
   *
   * @return unlike that of any other writer of the history
   */
  public int number() {
    return number;
  }

  /**
   * The sequence of the next message that is sent.
   *
   * @return one past the last one that was announced
   */
  public long next() {
    return announced;
  }

  /**
   * So many messages are about to be sent.
   *
   * @param count 1 or more
   */
  public void sends(long count) {
    announced += count;
  }

  /** What was announced and not confirmed was not written for certain, and may be sent again. */
  public void refused() {
    synchronized (this) {
      announced = places.next();
    }
  }

  /**
   * All that was announced got its places.
   *
   * @param firstOffset of the first one; the others stand behind it, side by side
   */
  public void confirmed(long firstOffset) {
    synchronized (this) {
      confirmed(announced - places.next(), firstOffset);
    }
  }

  /**
   * The next messages in order got their places.
   *
   * @param count how many
   * @param firstOffset of the first one; the others stand behind it, side by side
   */
  public void confirmed(long count, long firstOffset) {
    synchronized (this) {
      long from = places.next();
      if (firstOffset < reached) {
        String what = "%s: its message %d got the offset %d, the ones before reach up to %d";
        history.add(Fault.REORDERED, what, this, from, firstOffset, reached);
      }
      if (from + count > announced) {
        String what = "%s was told of messages %d to %d, and announced only %d";
        history.add(Fault.PHANTOM, what, this, from, from + count - 1, announced);
        return;
      }
      places.add(count, firstOffset);
      reached = Math.max(reached, firstOffset + count);
    }
  }

  /** Its process died: what was not confirmed may be there, without a gap, or not. */
  public void ends() {
    ended = true;
  }

  boolean hasEnded() {
    return ended;
  }

  boolean isSent(long sequence) {
    return sequence >= 0 && sequence < announced;
  }

  /** Whether it was sent, and taken by a power cut. */
  boolean isCutAway(long sequence) {
    return sequence >= announced && sequence < cutAway;
  }

  /** The offset of a message, or one of the answers of {@link Places}. */
  synchronized long placeOf(long sequence) {
    return places.placeOf(sequence);
  }

  /** A message that is seen; after the writer's end, the next one gets its place by that. */
  synchronized long placeOf(long sequence, long seenAt) {
    if (ended && sequence == places.next() && sequence < announced) {
      if (seenAt < reached) {
        String what = "%s: its message %d is at offset %d, the ones before reach up to %d";
        history.add(Fault.REORDERED, what, this, sequence, seenAt, reached);
      }
      places.add(1, seenAt);
      reached = Math.max(reached, seenAt + 1);
    }
    return places.placeOf(sequence);
  }

  /**
   * A message that is seen behind a drop, after the writer's end: those before it that nobody was
   * told of may have been dropped.
   */
  synchronized long placeBehindDrop(long sequence, long seenAt, long dropped) {
    if (ended && sequence >= places.next() && sequence < announced && reached < dropped) {
      places.skipTo(sequence);
      places.add(1, seenAt);
      reached = seenAt + 1;
    }
    return places.placeOf(sequence);
  }

  /** Whether a message that was not seen yet may still come behind an offset. */
  synchronized boolean mayCome(long sequence, long offset) {
    long place = places.placeOf(sequence);
    return place == Places.NONE ? !ended : place > offset;
  }

  synchronized long firstFrom(long offset) {
    return places.firstFrom(offset);
  }

  /** Messages that have their places. */
  synchronized long placed() {
    return places.next();
  }

  synchronized void forgetBelow(long offset) {
    places.forgetBelow(offset);
  }

  /** The power was cut, and the topic ends there. */
  synchronized void cutAt(long end) {
    ended = true;
    long before = places.next();
    places.cutAt(end);
    reached = Math.min(reached, end);
    if (places.next() < before) {
      cutAway = Math.max(cutAway, announced);
      announced = places.next();
    }
  }

  @Override
  public String toString() {
    return "writer " + number + " (" + name + "-" + generation + ")";
  }
}
