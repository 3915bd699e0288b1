package io.holdfast.storage.fuzz;

import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import io.holdfast.storage.error.DamagedRecordException;
import io.holdfast.storage.error.DamagedTopicException;
import java.nio.file.Path;
import java.util.Optional;

/** A target: opens a store of changed files, reads, appends, and opens it again. */
public final class OpenFuzz {
  private static final FuzzDisk DISK = new FuzzDisk(FuzzStore.files());
  private static final int READ = 10_000; // more offsets than the files have room for

  private OpenFuzz() {}

  /**
   * Runs one input.
   *
   * @param input read by {@link FuzzEdits}
   */
  public static void fuzzerTestOneInput(byte[] input) {
    Path store = DISK.changed(input);
    FuzzBounds.run(
        () -> {
          open(store);
          open(store);
        });
  }

  private static void open(Path store) {
    try (Store open = Store.open(store, FuzzStore.config())) {
      Optional<TopicLog> log = topic(open);
      if (log.isPresent() && isSmall(log.get().settings())) {
        use(log.get());
      }
    }
  }

  private static Optional<TopicLog> topic(Store open) {
    try {
      return open.topic("t");
    } catch (DamagedTopicException e) {
      return Optional.empty(); // refused
    }
  }

  /** Else a single record may rightly ask for more memory than this harness gives. */
  private static boolean isSmall(TopicSettings settings) {
    return settings.maxMessageSize() <= 1 << 20;
  }

  private static void use(TopicLog log) {
    long first = log.firstOffset();
    long end = log.visibleEnd();
    if (first < 0 || end < first) {
      throw new AssertionError("offsets from %d to %d".formatted(first, end));
    }
    try (LogReader reader = log.reader(first)) {
      int read = 1;
      while (read > 0) {
        read = reader.poll(record -> record.copyPayload(), READ);
      }
      reader.seek(first + (end - first) / 2);
      log.offsetAt(1_000_010);
    } catch (DamagedRecordException e) {
      if (!e.getMessage().contains("position")) {
        throw new AssertionError(e);
      }
    }
    RecordBatch batch = log.newBatch();
    byte[] payload = new byte[100];
    batch.add(new byte[0], 0, payload, 0, payload.length);
    log.append(batch);
    log.force(log.endOffset());
  }
}
