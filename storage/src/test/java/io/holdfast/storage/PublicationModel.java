package io.holdfast.storage;

import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.file.Path;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.jetbrains.lincheck.datastructures.Operation;

/**
 * A segment that is appended to and read, as a model checker sees it, in memory that was full of
 * something else before: what stands there are whole records up to a zero length, at least as many
 * as the published end says.
 */
public final class PublicationModel {
  private static final int CAPACITY = 3 * 4096;
  private static final int PAYLOAD = 4;
  private static final int LENGTH = RecordLayout.HEADER + PAYLOAD;
  private static final long SALT = 7;

  private final PublishedOffset end = new PublishedOffset(0);
  private final UnsafeBuffer memory = new UnsafeBuffer(new byte[CAPACITY]);
  private final RecordBatch batch = new RecordBatch(100, 1_000);
  private final SegmentWriter writer;
  private final int first;
  private int next; // of the one that appends

  /** Nothing is appended yet. */
  public PublicationModel() {
    memory.setMemory(0, CAPACITY, (byte) 77);
    Segment segment =
        new Segment(
            Path.of("t"), new Segment.Place(1, 0, 0, SALT), CAPACITY, new IdleSegments(4));
    segment.adopt(
        MappedRegion.of(Path.of("heap"), memory, (from, length) -> {}),
        SegmentIndex.onHeap(CAPACITY));
    writer = new SegmentWriter(segment, SegmentLayout.DATA, 0);
    writer.begin(new SegmentBegin(1, 1, 0, 0, 0), 1, 0);
    first = writer.position();
  }

  /**
   * Appends a batch of two.
   *
   * @return true
   */
  @Operation(nonParallelGroup = "appender")
  public boolean append() {
    batch.clear();
    for (int i = 0; i < 2; i++) {
      byte[] payload = new byte[PAYLOAD];
      Arrays.fill(payload, (byte) (next + i));
      batch.add(new byte[0], 0, payload, 0, PAYLOAD);
    }
    writer.put(batch, next, 1, 0, 0);
    next += 2;
    end.publish(next);
    return true;
  }

  /**
   * Reads all there is, as another process would, and compares with the end.
   *
   * @return what is wrong, or nothing
   */
  @Operation
  public String read() {
    long published = end.get();
    RecordChecksum checksum = new RecordChecksum();
    byte[] record = new byte[LENGTH];
    int at = first;
    int found = 0;
    long word = memory.getLongVolatile(at);
    while ((int) word != 0) {
      if ((int) word != LENGTH) {
        return "length " + (int) word;
      }
      memory.getBytes(at, record);
      if (checksum.ofRecord(record, 0, LENGTH, SALT, at) != (int) (word >>> 32)) {
        return "torn";
      }
      at += RecordLayout.aligned(LENGTH);
      found++;
      word = memory.getLongVolatile(at);
    }
    return found < published ? found + " of " + published : "";
  }

  /** What one thread alone would see. */
  public static final class Alone {
    /** Knows nothing. */
    public Alone() {
      // Nothing is kept.
    }

    /**
     * Appends.
     *
     * @return true
     */
    public boolean append() {
      return true;
    }

    /**
     * Reads.
     *
     * @return nothing
     */
    public String read() {
      return "";
    }
  }
}
