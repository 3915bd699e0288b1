package io.holdfast.bench;

import io.holdfast.storage.Durability;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A topic full of messages, in the page cache, and one thread's reader of it. */
@State(Scope.Thread)
public class FilledTopic {
  private static final byte[] NO_ATTRIBUTES = new byte[0];

  /** The directory in which the trial makes its own. Relative to where JMH was started. */
  @Param(".")
  public String dir;

  /** Bytes of each message. */
  @Param({"64", "1024"})
  public int payload;

  /** Payload bytes that the topic holds: several segments, and little enough to stay cached. */
  long payloadBytes = 128L << 20;

  private WorkDirectory directory;
  private Store store;
  private LogReader reader;
  private long end;

  /** Makes a topic that is not there yet. */
  public FilledTopic() {
    // JMH sets the parameters, then calls fill.
  }

  /** Makes the store and fills its topic. */
  @Setup(Level.Trial)
  public void fill() {
    directory = new WorkDirectory(Path.of(dir));
    store = Store.open(directory.path().resolve("store"));
    TopicLog topic = store.createTopic("read", TopicSettings.of(Durability.processCrash()));
    RecordBatch batch = topic.newBatch();
    byte[] bytes = new Payload(payload).bytes();
    int perBatch = ReadBenchmark.MESSAGES;
    for (long i = 0; i < payloadBytes / payload / perBatch; i++) {
      batch.clear();
      for (int j = 0; j < perBatch; j++) {
        batch.add(NO_ATTRIBUTES, 0, bytes, 0, bytes.length);
      }
      topic.append(batch);
    }
    end = topic.visibleEnd();
    reader = topic.reader(0);
  }

  /** Closes the store and removes it. */
  @TearDown(Level.Trial)
  public void close() {
    try {
      reader.close();
      store.close();
    } finally {
      directory.close();
    }
  }

  /** The reader, at the beginning again when it stood at the end. */
  LogReader reader() {
    if (reader.offset() == end) {
      reader.seek(0);
    }
    return reader;
  }

  Path path() {
    return directory.path();
  }
}
