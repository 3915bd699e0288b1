package io.holdfast.engine.check;

import io.holdfast.engine.delay.DelayRunLayout;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.file.DurableFiles;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The delayed messages of a topic that its files have; those that are only in memory, or that no
 * group has come to, are not among them.
 *
 * @param topic its name
 * @param waiting how many are due later; what was cancelled may be among them
 */
public record DelayView(String topic, long waiting) {
  private static final int MOST_BYTES = 1 << 26;

  /**
   * The topics of a store whose files have delayed messages that wait. Files that cannot be read
   * count as empty: {@link DelayCheck} tells of them.
   *
   * @param store directory of the store
   * @param now epoch milliseconds
   * @return sorted by topic
   */
  public static List<DelayView> of(Path store, long now) {
    List<DelayView> views = new ArrayList<>();
    for (Path topic : StoreView.directories(store.resolve("delays"))) {
      long waiting = 0;
      try (Stream<Path> files = Files.list(topic)) {
        for (Path file : files.toList()) {
          boolean isRun = DelayRunLayout.numberOf(file.getFileName().toString()) >= 0;
          waiting += isRun ? waitingIn(file, now) : 0;
        }
      } catch (IOException | HoldfastException e) {
        System.getLogger(DelayView.class.getName())
            .log(System.Logger.Level.DEBUG, "delayed messages that cannot be read", e);
      }
      if (waiting > 0) {
        views.add(new DelayView(topic.getFileName().toString(), waiting));
      }
    }
    return views;
  }

  private static long waitingIn(Path file, long now) {
    UnsafeBuffer run = new UnsafeBuffer(DurableFiles.read(file, MOST_BYTES));
    long waiting = 0;
    for (int at = DelayRunLayout.BLOCKS;
        at + DelayRunLayout.BLOCK <= run.capacity();
        at += DelayRunLayout.BLOCK) {
      int entries = run.getInt(at + DelayRunLayout.ENTRIES, ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < Math.min(entries, DelayRunLayout.BLOCK_ENTRIES); i++) {
        long due = run.getLong(at + i * DelayRunLayout.ENTRY, ByteOrder.LITTLE_ENDIAN);
        waiting += due > now ? 1 : 0;
      }
    }
    return waiting;
  }
}
