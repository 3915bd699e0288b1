package io.holdfast.bench.quick;

import io.holdfast.bench.Faults;
import org.agrona.DirectBuffer;

/**
 * Watches that each producer's messages come once, in order and whole. Belongs to the consumer's
 * thread.
 *
 * <p>Any fault fails a run, so it keeps no list of gaps: what is skipped counts as lost, what comes
 * from before as repeated when nothing is missing and as disordered else.
 */
final class OrderCheck {
  private final int payload;
  private final long[] next;
  private long lost;
  private long repeated;
  private long disordered;
  private long corrupt;

  OrderCheck(int payload, int producers) {
    this.payload = payload;
    this.next = new long[producers];
  }

  /** Looks at a message; its producer's number, or -1 when it is not whole. */
  int check(DirectBuffer buffer, int offset, int length) {
    long sequence = Stamp.sequence(buffer, offset, length, payload);
    if (sequence == Stamp.CORRUPT) {
      corrupt++;
      return -1;
    }
    int producer = (int) Stamp.producer(buffer, offset);
    if (producer < 0 || producer >= next.length) {
      corrupt++;
      return -1;
    }
    if (sequence == next[producer]) {
      next[producer]++;
    } else {
      outOfTurn(producer, sequence);
    }
    return producer;
  }

  private void outOfTurn(int producer, long sequence) {
    if (sequence > next[producer]) {
      lost += sequence - next[producer];
      next[producer] = sequence + 1;
    } else if (lost > 0) {
      lost--;
      disordered++;
    } else {
      repeated++;
    }
  }

  /** One past the highest sequence number that came from a producer. */
  long next(int producer) {
    return next[producer];
  }

  /** Whether the last message of each producer is here. */
  boolean hasAll(long... sent) {
    for (int i = 0; i < sent.length; i++) {
      if (next[i] < sent[i]) {
        return false;
      }
    }
    return true;
  }

  int producers() {
    return next.length;
  }

  /** What is wrong, if each producer sent this many. */
  Faults faults(long... sent) {
    long missing = lost;
    for (int i = 0; i < sent.length; i++) {
      missing += Math.max(0, sent[i] - next[i]);
    }
    return new Faults(missing, repeated, disordered, corrupt);
  }
}
