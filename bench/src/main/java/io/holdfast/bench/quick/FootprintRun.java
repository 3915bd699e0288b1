package io.holdfast.bench.quick;

import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Bytes on disk of a message without attributes, in the segments of a topic that are full; their
 * indexes count, the pool does not.
 *
 * <p>Arguments: payload, bytes (payload to append). Figures: perMessage, ratio (to the payload),
 * segments (that are full).
 */
final class FootprintRun implements Workload {
  /** How much of the count may be on the wrong side of a roll, at most. */
  private static final int LOOK_EVERY = 256;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws IOException {
    int payload = arguments.getInt("payload");
    long total = arguments.get("bytes") / payload;
    Path files = directory.resolve("store").resolve("topics").resolve("quick");
    try (OursContender ours = new OursContender(directory, false)) {
      TopicLog topic = ours.topic();
      RecordBatch batch = topic.newBatch();
      Stamp stamp = new Stamp(payload, 0);
      long sealedMessages = 0;
      int segments = 1;
      for (long sent = 0; sent < total; sent += LOOK_EVERY) {
        batch.clear();
        for (int i = 0; i < LOOK_EVERY; i++) {
          batch.add(OursContender.NO_ATTRIBUTES, 0, stamp.number(sent + i), 0, payload);
        }
        topic.append(batch);
        int now = names(files, ".log").size();
        if (now > segments) {
          segments = now;
          sealedMessages = sent;
        }
      }
      long bytes = sealedBytes(files);
      figures.put("segments", segments - 1);
      if (sealedMessages == 0) {
        figures.fault("no segment is full yet: append more");
        return;
      }
      figures.put("perMessage", (double) bytes / sealedMessages);
      figures.put("ratio", (double) bytes / sealedMessages / payload);
    }
  }

  private static List<String> names(Path files, String suffix) throws IOException {
    try (Stream<Path> all = Files.list(files)) {
      return all.map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(suffix))
          .sorted()
          .toList();
    }
  }

  /** All but the last segment and its index. */
  private static long sealedBytes(Path files) throws IOException {
    List<String> logs = names(files, ".log");
    String active = logs.get(logs.size() - 1).replace(".log", "");
    try (Stream<Path> all = Files.list(files)) {
      return all.filter(file -> file.getFileName().toString().matches("\\d+\\.(log|idx)"))
          .filter(file -> !file.getFileName().toString().startsWith(active))
          .mapToLong(FootprintRun::size)
          .sum();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
