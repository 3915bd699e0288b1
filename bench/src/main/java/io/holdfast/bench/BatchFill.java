package io.holdfast.bench;

import io.holdfast.storage.RecordBatch;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One thread's batch, which it fills with the same messages again and again. */
@State(Scope.Thread)
public class BatchFill {
  private static final byte[] NO_ATTRIBUTES = new byte[0];

  /** Bytes of each message. */
  @Param({"64", "1024"})
  public int payload;

  /** Messages that are appended at once. */
  @Param({"1", "64"})
  public int batch;

  private byte[] bytes;
  private RecordBatch records;

  /** Makes an empty batch. */
  public BatchFill() {
    // JMH sets the parameters, then calls prepare.
  }

  /**
   * Makes the batch and what goes into it.
   *
   * @param store of this iteration; its topics have the same limits
   */
  @Setup(Level.Iteration)
  public void prepare(BenchStore store) {
    bytes = new Payload(payload).bytes();
    records = store.processCrash().newBatch();
    filled(); // so that it has its full size before anything is measured
  }

  /** The batch, filled anew. */
  RecordBatch filled() {
    records.clear();
    for (int i = 0; i < batch; i++) {
      records.add(NO_ATTRIBUTES, 0, bytes, 0, bytes.length);
    }
    return records;
  }
}
