package io.holdfast.storage;

import io.holdfast.storage.file.MappedRegion;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;
import org.jetbrains.lincheck.datastructures.Operation;

/**
 * A segment that is read and dropped, as a model checker sees it: who has a pin reads what the
 * segment held, never the next life of its memory, nor memory that was unmapped.
 */
public final class PinModel {
  private static final int BYTES = 64;
  private static final long OURS = 1;
  private static final long NEXT_LIFE = 2;

  private final Segment segment =
      new Segment(Path.of("t"), new Segment.Place(1, 0, 0, 7), BYTES, new IdleSegments(4));

  /** The segment is mapped, and nobody has a pin. */
  public PinModel() {
    MappedRegion region = MappedRegion.onHeap(BYTES);
    region.buffer().putLong(0, OURS);
    segment.adopt(region, SegmentIndex.none(BYTES));
    segment.unpin();
  }

  /**
   * Reads as a reader does.
   *
   * @return what it found
   */
  @Operation
  public String read() {
    if (!segment.pin()) {
      return "dropped";
    }
    UnsafeBuffer memory = segment.buffer();
    try {
      return memory.getLong(0) == OURS ? "ours" : "foreign";
    } finally {
      segment.unpin();
    }
  }

  /**
   * Drops it, and uses its memory again where that was given away.
   *
   * @return true
   */
  @Operation(nonParallelGroup = "flusher")
  public boolean drop() {
    MappedRegion region = segment.drop(true);
    if (region != null) {
      region.buffer().putLong(0, NEXT_LIFE);
    }
    return true;
  }

  /** What one thread alone would see. */
  public static final class Alone {
    private boolean dropped;

    /** Nothing is dropped. */
    public Alone() {
      // The field says so.
    }

    /**
     * Reads.
     *
     * @return what is there
     */
    public String read() {
      return dropped ? "dropped" : "ours";
    }

    /**
     * Drops.
     *
     * @return true
     */
    public boolean drop() {
      dropped = true;
      return true;
    }
  }
}
