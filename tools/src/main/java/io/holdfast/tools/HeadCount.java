package io.holdfast.tools;

import io.holdfast.engine.group.HeadLayout;
import java.nio.ByteOrder;
import java.util.Locale;
import org.agrona.DirectBuffer;

/** The counts in a head of a group's state, in the order in which they are printed. */
enum HeadCount {
  DEAD(HeadLayout.DEAD),
  PARKED(HeadLayout.PARKED),
  LOST(HeadLayout.LOST) {
    @Override
    long in(DirectBuffer slot) {
      return slot.getInt(HeadLayout.LOST, ByteOrder.LITTLE_ENDIAN) & 0xFFFF_FFFFL;
    }
  },
  EXPIRED(HeadLayout.EXPIRED),
  DROPPED(HeadLayout.DROPPED),
  CANCELLED(HeadLayout.CANCELLED),
  SKIPPED(HeadLayout.SKIPPED);

  private final int position;

  HeadCount(int position) {
    this.position = position;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  long in(DirectBuffer slot) {
    return slot.getLong(position, ByteOrder.LITTLE_ENDIAN);
  }
}
