package io.holdfast.storage;

import java.util.Arrays;

/**
 * The segments of a topic, ascending, as readers see them. Immutable: a roll publishes a longer
 * one.
 */
final class SegmentList {
  private final Segment.Place[] places;

  SegmentList(Segment.Place... places) {
    this.places = places.clone();
  }

  SegmentList with(Segment.Place next) {
    Segment.Place[] longer = Arrays.copyOf(places, places.length + 1);
    longer[places.length] = next;
    return new SegmentList(longer);
  }

  Segment.Place first() {
    return places[0];
  }

  /** The segment that holds an offset; for one beyond the end, the last. */
  Segment.Place ofOffset(long offset) {
    int low = 0;
    int high = places.length - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      if (places[middle].firstOffset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return places[low];
  }

  /** The last segment that begins before a time; the first when none does. */
  Segment.Place ofTime(long epochMillis) {
    int low = 0;
    int high = places.length - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      if (places[middle].baseTime() < epochMillis) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return places[low];
  }

  /** The segment of a number. */
  Segment.Place ofNumber(long number) {
    return places[(int) (number - places[0].number())];
  }
}
