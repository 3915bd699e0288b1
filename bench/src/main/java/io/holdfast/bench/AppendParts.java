package io.holdfast.bench;

import io.holdfast.storage.Durability;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What an append of one message works with, each thing by itself, and a topic to append to. */
@State(Scope.Thread)
public class AppendParts {
  private static final byte[] NO_ATTRIBUTES = new byte[0];
  private static final int REGION_BYTES = 64 << 20;
  private static final int RELEASE_EVERY = 16 * 1024;
  private static final int PAGE = 4096;

  /** Bytes of the message. */
  @Param({"64", "1024"})
  public int payload;

  /** The directory in which each iteration makes its own. */
  @Param(".")
  public String dir;

  private final RecordChecksum checksum = new RecordChecksum();
  private final ReentrantLock lock = new ReentrantLock();
  private byte[] bytes;
  private byte[] record;
  private UnsafeBuffer recordBuffer;
  private WorkDirectory directory;
  private Store store;
  private TopicLog topic;
  private ReadRelease release;
  private RecordBatch batch;
  private MappedRegion region;
  private long offset;
  private int position;
  private int bodyCrc;
  private volatile long published; // by the benchmark's thread alone
  private long guarded; // by the lock

  /** Makes parts that are not ready yet. */
  public AppendParts() {
    // JMH sets the parameters, then calls open.
  }

  /** Opens a new store with one empty topic, and maps a segment's worth of zeros. */
  @Setup(Level.Iteration)
  public void open() {
    bytes = new Payload(payload).bytes();
    record = new byte[RecordLayout.aligned(RecordLayout.HEADER + payload)];
    recordBuffer = new UnsafeBuffer(record);
    directory = new WorkDirectory(Path.of(dir));
    store = Store.open(directory.path().resolve("store"));
    topic = store.createTopic("parts", TopicSettings.of(Durability.processCrash()));
    release = new ReadRelease(topic);
    batch = topic.newBatch();
    region = store.allocate(directory.path().resolve("region"), REGION_BYTES);
    for (int page = 0; page < REGION_BYTES; page += PAGE) {
      region.buffer().putLong(page, 0L); // resident from here on, as in a segment that is recycled
    }
    offset = 0;
    position = 0;
  }

  /** Closes the store and removes it. */
  @TearDown(Level.Iteration)
  public void close() {
    try {
      release.close();
      region.close();
      store.close();
    } finally {
      directory.close();
    }
  }

  Path path() {
    return directory.path();
  }

  /** All of it, rolls included; what was appended is dropped and its segments used again. */
  long append() {
    topic.append(filled());
    long first = batch.firstOffset();
    if (first % RELEASE_EVERY == 0) {
      release.release(first);
    }
    return first;
  }

  /** Before the lock: the message is copied into a batch and its bytes are summed. */
  RecordBatch filled() {
    batch.clear();
    batch.add(NO_ATTRIBUTES, 0, bytes, 0, bytes.length);
    return batch;
  }

  /** The time of the records, once a batch. */
  long time() {
    return store.clock().time();
  }

  /** The lock that nobody else wants. */
  long lock() {
    lock.lock();
    try {
      guarded++;
      return guarded;
    } finally {
      lock.unlock();
    }
  }

  /** Where the record stands, and the sum of that joined with the body's. */
  int header() {
    offset++;
    bodyCrc = bodyCrc * 31 + 1;
    checksum.place(offset, position, record.length);
    checksum.header(2, 0, 1, offset, 0, 1);
    checksum.copyHeader(recordBuffer, RecordLayout.TYPE);
    return checksum.finish(bodyCrc);
  }

  /** The record into memory that is resident, a zero behind it, its first word with release. */
  int copy() {
    UnsafeBuffer to = region.buffer();
    int at = position;
    int end = at + record.length;
    if (end + RecordLayout.ALIGNMENT > REGION_BYTES) {
      at = 0;
      end = record.length;
    }
    to.putLong(end, 0L);
    to.putBytes(
        at + RecordLayout.TYPE, recordBuffer, RecordLayout.TYPE, record.length - RecordLayout.TYPE);
    to.putLongRelease(at, end);
    position = end;
    return end;
  }

  /** A store that others see, with the fence that it takes. */
  long publish() {
    long now = offset + 1;
    offset = now;
    published = now;
    return now;
  }
}
