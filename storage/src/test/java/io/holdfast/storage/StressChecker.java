package io.holdfast.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Judges what the readers of a topic saw, against what its writers were told and which drops were
 * asked for. Thread-safe; each writer and each stream belongs to one thread at a time.
 */
final class StressChecker {
  /** What may be wrong. */
  enum Fault {
    /** Confirmed, not dropped, and a reader passed its place without seeing it. */
    LOST,
    /** Seen twice by a reader that did not go back. */
    DUPLICATED,
    /** Before a message that the same writer sent earlier. */
    REORDERED,
    /** Sent by nobody. */
    PHANTOM,
    /** Sent, but with another offset: from an earlier life of a file. */
    STALE
  }

  /**
   * One fault.
   *
   * @param fault its kind
   * @param what was found
   */
  record Found(Fault fault, String what) {}

  private static final int MOST_FOUND = 20;
  private static final int MOST_PENDING = 100_000;

  private final Queue<Found> found = new ConcurrentLinkedQueue<>();
  private final AtomicLong mayDrop = new AtomicLong(); // whoever drops raises, streams read
  private final Writer[] writers;

  StressChecker(int writers) {
    this.writers = new Writer[writers];
    Arrays.setAll(this.writers, Writer::new);
  }

  Writer writer(int id) {
    return writers[id];
  }

  Stream stream() {
    return new Stream();
  }

  /** Says that a drop of what lies below an offset is about to be asked for. */
  void mayDrop(long offset) {
    mayDrop.accumulateAndGet(offset, Math::max);
  }

  List<Found> found() {
    return List.copyOf(found);
  }

  void add(Fault fault, String what, Object... details) {
    if (found.size() < MOST_FOUND) {
      found.add(new Found(fault, what.formatted(details)));
    }
  }

  /** What one writer sent, and which offsets its batches got. */
  final class Writer {
    private final int id;
    private volatile long sent; // the writer raises it before it appends, streams read
    private volatile long[] places = new long[64]; // the writer writes pairs, streams read
    private volatile int batches; // the writer raises it behind a new pair, streams read
    private volatile long confirmed; // the writer raises it behind that, streams read
    private long reached; // one past the last offset of the last batch; the writer's

    private Writer(int id) {
      this.id = id;
    }

    /** The sequence of the next message; the same again where a batch was not appended. */
    long next() {
      return confirmed;
    }

    /** So many messages are about to be appended. */
    void sends(int count) {
      sent = confirmed + count;
    }

    /** They got these offsets. */
    void confirmed(long firstOffset) {
      if (firstOffset < reached) {
        String what = "writer %d: its batch from %d got the offset %d, the one before ends at %d";
        add(Fault.REORDERED, what, id, confirmed, firstOffset, reached);
      }
      int pair = batches * 2;
      long[] pairs = pair == places.length ? Arrays.copyOf(places, pair * 2) : places;
      pairs[pair] = confirmed;
      pairs[pair + 1] = firstOffset;
      places = pairs;
      batches = pair / 2 + 1;
      reached = firstOffset + sent - confirmed;
      confirmed = sent;
    }

    /** The offset that a message got, or -1 while its writer was not told yet. */
    private long placeOf(long sequence) {
      if (sequence >= confirmed) {
        return -1;
      }
      int low = 0;
      int high = batches - 1;
      long[] pairs = places;
      while (low < high) {
        int middle = low + high + 1 >>> 1;
        if (pairs[2 * middle] <= sequence) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      return pairs[2 * low + 1] + sequence - pairs[2 * low];
    }
  }

  /** What one reader saw, in its order. */
  final class Stream {
    private final long[] newest = new long[writers.length]; // sequence of the last one of each
    private final List<Seen> pending = new ArrayList<>();
    private long expected;

    private Stream() {
      startsAt(0);
    }

    /** The reader went to an offset by itself. */
    void startsAt(long offset) {
      expected = offset;
      Arrays.fill(newest, -1);
    }

    /** The reader was told that its place is not kept any more, and went to what is. */
    void droppedTo(long offset) {
      if (offset > mayDrop.get() || offset <= expected) {
        String what = "told to go on at %d instead of %d, and only what is below %d may be dropped";
        add(Fault.LOST, what, offset, expected, mayDrop.get());
      }
      expected = offset;
    }

    /** The reader saw a message. */
    void read(long offset, StressMessage message) {
      if (offset > expected) {
        add(Fault.LOST, "expected offset %d, found %d", expected, offset);
      }
      if (offset < expected) {
        add(Fault.DUPLICATED, "offset %d once more, %s", offset, message);
      } else if (isSent(message)) {
        judge(offset, message);
      } else {
        add(Fault.PHANTOM, "offset %d: %s", offset, message);
      }
      expected = Math.max(expected, offset + 1);
    }

    private boolean isSent(StressMessage message) {
      int writer = message.writer();
      return writer >= 0
          && writer < writers.length
          && message.sequence() >= 0
          && message.sequence() < writers[writer].sent;
    }

    private void judge(long offset, StressMessage message) {
      int writer = message.writer();
      if (isAt(offset, message) && message.sequence() <= newest[writer]) {
        String what = "offset %d: %s, behind message %d of that writer";
        add(Fault.REORDERED, what, offset, message, newest[writer]);
      }
      newest[writer] = Math.max(newest[writer], message.sequence());
    }

    /** Where its writer was not told yet, that is judged later. */
    private boolean isAt(long offset, StressMessage message) {
      long place = writers[message.writer()].placeOf(message.sequence());
      if (place < 0) {
        pending.add(new Seen(offset, message));
        judgePending(MOST_PENDING);
      } else if (place != offset) {
        add(Fault.STALE, "offset %d: %s, which got offset %d", offset, message, place);
        return false;
      }
      return true;
    }

    private void judgePending(int most) {
      if (pending.size() <= most) {
        return;
      }
      List<Seen> all = List.copyOf(pending);
      pending.clear();
      for (Seen seen : all) {
        isAt(seen.offset(), seen.message());
      }
    }

    /** All writers have ended, and the reader has seen what is visible: up to this offset. */
    void ends(long end) {
      if (expected < end) {
        add(Fault.LOST, "the end is %d, and nothing was seen from %d on", end, expected);
      }
      settle();
    }

    /** All writers have ended. */
    void settle() {
      judgePending(0);
      for (Seen seen : pending) {
        add(Fault.PHANTOM, "offset %d: %s, never appended", seen.offset(), seen.message());
      }
    }
  }

  /** What a reader saw before its writer was told. */
  private record Seen(long offset, StressMessage message) {}
}
