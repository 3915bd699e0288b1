package io.holdfast.bench;

import java.util.Map;
import java.util.TreeMap;

/**
 * Watches that each message of a run is received once, in order and whole. Belongs to the
 * receiver's thread.
 */
final class Checker {
  /**
   * Most gaps that are remembered, so that a run that loses every other message ends all the same.
   * Beyond it a message that comes late counts as repeated, and its gap as lost.
   */
  static final int MAX_GAPS = 10_000;

  private final Payload payload;
  private final TreeMap<Long, Long> gaps = new TreeMap<>(); // first missing sequence to the last
  private long next;
  private long missing;
  private long repeated;
  private long disordered;
  private long corrupt;

  /** A checker of payloads of a size. */
  Checker(int payloadSize) {
    this.payload = new Payload(payloadSize);
  }

  /**
   * Looks at a message. A corrupt one is taken for the one that was expected, so that it does not
   * count as lost too.
   *
   * @return its sequence number when it is whole and comes for the first time, else -1
   */
  long check(byte[] array, int offset, int length) {
    long sequence = payload.sequence(array, offset, length);
    if (sequence == Payload.CORRUPT) {
      corrupt++;
      next++;
      return -1;
    }
    if (sequence == next) {
      next++;
      return sequence;
    }
    return outOfTurn(sequence);
  }

  private long outOfTurn(long sequence) {
    if (sequence > next) {
      missing += sequence - next;
      if (gaps.size() < MAX_GAPS) {
        gaps.put(next, sequence - 1);
      }
      next = sequence + 1;
      return sequence;
    }
    if (fillsGap(sequence)) {
      missing--;
      disordered++;
      return sequence;
    }
    repeated++;
    return -1;
  }

  private boolean fillsGap(long sequence) {
    Map.Entry<Long, Long> gap = gaps.floorEntry(sequence);
    if (gap == null || gap.getValue() < sequence) {
      return false;
    }
    long first = gap.getKey();
    long last = gap.getValue();
    gaps.remove(first);
    if (first < sequence) {
      gaps.put(first, sequence - 1);
    }
    if (sequence < last) {
      gaps.put(sequence + 1, last);
    }
    return true;
  }

  /** One past the highest sequence number that was received. */
  long next() {
    return next;
  }

  /** What is wrong so far, if this many messages were sent. */
  Faults faults(long sent) {
    return new Faults(missing + Math.max(0, sent - next), repeated, disordered, corrupt);
  }
}
