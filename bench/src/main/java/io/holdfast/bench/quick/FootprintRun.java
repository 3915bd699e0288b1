package io.holdfast.bench.quick;

import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentFooter;
import io.holdfast.storage.check.SegmentScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Bytes on disk of a message without attributes, in the segments of a topic that are full; their
 * indexes count, the pool does not.
 *
 * <p>Arguments: payload, bytes (payload to append). Figures: perMessage, ratio (to the payload),
 * segments (that are full).
 */
final class FootprintRun implements Workload {
  private static final int BATCH = 256;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws IOException {
    int payload = arguments.getInt("payload");
    long total = arguments.get("bytes") / payload;
    Path files = directory.resolve("store").resolve("topics").resolve("quick");
    try (OursContender ours = new OursContender(directory, false)) {
      fill(ours.topic(), payload, total);
    }
    long bytes = 0;
    long messages = 0;
    int segments = 0;
    for (Map.Entry<Long, Path> segment : SegmentFiles.list(files).entrySet()) {
      try (SegmentScanner scanner = SegmentScanner.open(segment.getValue())) {
        Optional<SegmentFooter> footer = scanner.footer();
        if (footer.isPresent()) { // only those that are full have one
          messages += footer.get().endOffset() - footer.get().firstOffset();
          bytes += Files.size(segment.getValue());
          bytes += Files.size(SegmentFiles.index(files, segment.getKey()));
          segments++;
        }
      }
    }
    figures.put("segments", segments);
    if (messages == 0) {
      figures.fault("no segment is full yet: append more");
      return;
    }
    figures.put("perMessage", (double) bytes / messages);
    figures.put("ratio", (double) bytes / messages / payload);
  }

  private static void fill(TopicLog topic, int payload, long messages) {
    RecordBatch batch = topic.newBatch();
    Stamp stamp = new Stamp(payload, 0);
    for (long sent = 0; sent < messages; sent += BATCH) {
      batch.clear();
      for (int i = 0; i < BATCH; i++) {
        batch.add(OursContender.NO_ATTRIBUTES, 0, stamp.number(sent + i), 0, payload);
      }
      topic.append(batch);
    }
  }
}
