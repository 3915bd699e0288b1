package io.holdfast.storage.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What one reader saw, in its order. One thread at a time. */
public final class Stream {
  private static final int MOST_PENDING = 100_000;

  private final History history;
  private final List<Seen> pending = new ArrayList<>(); // its writer was not told yet
  private long[] newest = {}; // by writer: sequence of the last one seen
  private int[] seenIn = {}; // by writer: the stretch in which that was
  private int stretch = 1; // raised where the reader goes on elsewhere
  private int firstStretch = 1; // since the reader last chose its place itself
  private long begin; // where the stretch begins
  private long expected;

  Stream(History history) {
    this.history = history;
  }

  /**
   * The offset that is expected next.
   *
   * @return one past the last one seen
   */
  public long expected() {
    return expected;
  }

  /**
   * The reader went to an offset by itself.
   *
   * @param offset where it reads on
   */
  public void startsAt(long offset) {
    stretch++;
    firstStretch = stretch;
    begin = offset;
    expected = offset;
  }

  /**
   * The reader was told that its place is not kept any more, and went to what is.
   *
   * @param offset where it reads on
   */
  public void droppedTo(long offset) {
    if (offset > history.mayDrop() || offset <= expected) {
      String what = "told to go on at %d instead of %d, and only what is below %d may be dropped";
      history.add(Fault.LOST, what, offset, expected, history.mayDrop());
    }
    stretch++;
    begin = offset;
    expected = offset;
  }

  /**
   * The reader saw a message.
   *
   * @param offset of the message
   * @param stamp who sent it
   */
  public void read(long offset, Stamp stamp) {
    read(offset, stamp.writer(), stamp.sequence());
  }

  /**
   * The reader saw a message.
   *
   * @param offset of the message
   * @param number of its writer
   * @param sequence in the order of its writer
   */
  public void read(long offset, int number, long sequence) {
    if (offset < expected) {
      String what = "offset %d once more, message %d of writer %d";
      history.add(Fault.DUPLICATED, what, offset, sequence, number);
      return;
    }
    if (offset > expected) {
      history.add(Fault.LOST, "expected offset %d, found %d", expected, offset);
    }
    expected = offset + 1;
    Writer writer = history.find(number);
    if (writer != null && writer.isSent(sequence)) {
      judge(offset, writer, sequence);
    } else if (writer != null && writer.isCutAway(sequence)) {
      String what = "offset %d: message %d of %s, which a power cut took";
      history.add(Fault.STALE, what, offset, sequence, writer);
    } else {
      String what = "offset %d: message %d of writer %d, which nobody sent";
      history.add(Fault.PHANTOM, what, offset, sequence, number);
    }
  }

  private void judge(long offset, Writer writer, long sequence) {
    long place = writer.placeOf(sequence, offset);
    if (place == Places.NONE && begin > 0 && !isSeen(writer)) {
      place = writer.placeBehindDrop(sequence, offset, begin);
    }
    if (place == Places.NONE) {
      pending.add(new Seen(offset, writer, sequence));
      if (pending.size() > MOST_PENDING) {
        judgePending();
      }
    }
    if (place == Places.NONE || isAt(offset, writer, sequence, place)) {
      judgeOrder(offset, writer, sequence, place == Places.NONE);
    }
  }

  private boolean isAt(long offset, Writer writer, long sequence, long place) {
    if (place == offset || place == Places.FORGOTTEN && history.isForgotten(offset)) {
      return true;
    }
    // Only what was dropped gives its file to another life.
    boolean kept = place >= history.mayDrop() && place < offset;
    String what = "offset %d: message %d of %s, which got offset %s";
    Object where = place == Places.FORGOTTEN ? "(one that was dropped)" : place;
    history.add(kept ? Fault.DUPLICATED : Fault.STALE, what, offset, sequence, writer, where);
    return false;
  }

  /** A writer's messages come one after the other, but where the reader has left some out. */
  private void judgeOrder(long offset, Writer writer, long sequence, boolean untold) {
    int number = writer.number();
    if (number >= newest.length) {
      int room = Math.max(2 * newest.length, number + 1);
      newest = Arrays.copyOf(newest, room);
      seenIn = Arrays.copyOf(seenIn, room);
    }
    long last = seenIn[number] >= firstStretch ? newest[number] : -1;
    if (sequence <= last) {
      String what = "offset %d: message %d of %s, behind its message %d";
      history.add(Fault.REORDERED, what, offset, sequence, writer, last);
    } else if (seenIn[number] == stretch) {
      judgeGap(offset, writer, sequence, last + 1);
    } else if (!untold || begin == 0) {
      judgeGap(offset, writer, sequence, firstFrom(writer));
    } // else the ones before may be below the place where the reader began
    newest[number] = Math.max(last, sequence);
    seenIn[number] = stretch;
  }

  /** Whether a message of a writer was seen since the reader last went elsewhere. */
  private boolean isSeen(Writer writer) {
    int number = writer.number();
    return number < newest.length && seenIn[number] == stretch;
  }

  private void judgeGap(long offset, Writer writer, long sequence, long expectedNext) {
    if (sequence > expectedNext) {
      String what = "offset %d: message %d of %s, and its message %d was not seen";
      Fault fault = writer.mayCome(expectedNext, offset) ? Fault.REORDERED : Fault.LOST;
      history.add(fault, what, offset, sequence, writer, expectedNext);
    }
  }

  private long firstFrom(Writer writer) {
    return begin == 0 ? 0 : writer.firstFrom(begin);
  }

  private void judgePending() {
    List<Seen> all = List.copyOf(pending);
    pending.clear();
    for (Seen seen : all) {
      long place = seen.writer.placeOf(seen.sequence, seen.offset);
      if (place == Places.NONE) {
        pending.add(seen);
      } else {
        isAt(seen.offset, seen.writer, seen.sequence, place);
      }
    }
  }

  /**
   * All writers have ended, and the reader has seen what is visible.
   *
   * @param end of the topic
   */
  public void ends(long end) {
    if (expected < end) {
      String what = "the end is %d, and nothing was seen from %d on";
      history.add(Fault.LOST, what, end, expected);
    }
    settle();
    for (Writer writer : history.writers()) {
      if (writer != null) {
        judgeEnd(writer);
      }
    }
  }

  private void judgeEnd(Writer writer) {
    long next = isSeen(writer) ? newest[writer.number()] + 1 : firstFrom(writer);
    if (next < writer.placed()) {
      String what = "up to offset %d message %d of %s was not seen, which got offset %d";
      history.add(Fault.LOST, what, expected, next, writer, writer.placeOf(next));
    }
  }

  /** All writers have ended. */
  public void settle() {
    judgePending();
    for (Seen seen : pending) {
      Fault fault = seen.writer.hasEnded() ? Fault.LOST : Fault.PHANTOM;
      String what = "offset %d: message %d of %s was seen, and has no place";
      history.add(fault, what, seen.offset, seen.sequence, seen.writer);
    }
    pending.clear();
  }

  /** What the reader saw before its writer was told. */
  private record Seen(long offset, Writer writer, long sequence) {}
}
