package io.holdfast.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The segments of a topic, ascending, as readers see them. Immutable: a roll publishes a longer
 * one, a drop a shorter one.
 */
final class SegmentList {
  private final Segment[] segments;
  private final long bytes;

  SegmentList(Segment... segments) {
    this.segments = segments.clone();
    long sum = 0;
    for (Segment segment : segments) {
      sum += segment.capacity();
    }
    this.bytes = sum;
  }

  SegmentList with(Segment next) {
    Segment[] longer = Arrays.copyOf(segments, segments.length + 1);
    longer[segments.length] = next;
    return new SegmentList(longer);
  }

  /** The list from a segment number on. */
  SegmentList from(long number) {
    int index = (int) (number - segments[0].number());
    return new SegmentList(Arrays.copyOfRange(segments, index, segments.length));
  }

  /** Bytes of all files. */
  long bytes() {
    return bytes;
  }

  /** What each of them is, ascending; the last one is still written to. */
  List<SegmentExtent> extents(long end) {
    List<SegmentExtent> extents = new ArrayList<>(segments.length);
    for (int i = 0; i < segments.length; i++) {
      Segment segment = segments[i];
      boolean isLast = i == segments.length - 1;
      long to = isLast ? Math.max(end, segment.firstOffset()) : segments[i + 1].firstOffset();
      long time = isLast ? Long.MAX_VALUE : segment.lastTime();
      extents.add(new SegmentExtent(segment.firstOffset(), to, segment.capacity(), time));
    }
    return extents;
  }

  /** All of them, ascending. */
  Iterable<Segment> all() {
    return Arrays.asList(segments);
  }

  Segment first() {
    return segments[0];
  }

  Segment last() {
    return segments[segments.length - 1];
  }

  /** The segment that holds an offset; for one beyond the end, the last. */
  Segment ofOffset(long offset) {
    int low = 0;
    int high = segments.length - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      if (segments[middle].firstOffset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return segments[low];
  }

  /** The last segment that begins before a time; the first when none does. */
  Segment ofTime(long epochMillis) {
    int low = 0;
    int high = segments.length - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      if (segments[middle].baseTime() < epochMillis) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return segments[low];
  }

  /** The segment of a number, or null when it was dropped. */
  Segment ofNumber(long number) {
    long index = number - segments[0].number();
    return index < 0 ? null : segments[(int) index];
  }
}
