package io.holdfast.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the tests of the engine share. */
final class TestStores {
  static final Duration AT_ONCE = Duration.ZERO;
  static final Duration SOON = Duration.ofSeconds(30);

  private TestStores() {}

  /** Small segments, so that a copy of a store is cheap. */
  static TopicConfig.Builder small() {
    return TopicConfig.builder().segmentSize(1 << 20).maxMessageSize(4096);
  }

  static Message message(String text) {
    return Message.of(text.getBytes(StandardCharsets.UTF_8));
  }

  static String text(Delivery delivery) {
    return new String(delivery.message().payload(), StandardCharsets.UTF_8);
  }

  static List<String> texts(List<Delivery> deliveries) {
    return deliveries.stream().map(TestStores::text).toList();
  }

  /** The figures of a group's first topic, but for the time of its oldest message. */
  static GroupStats stats(Group group) {
    GroupStats stats = group.lag().get(0);
    return new GroupStats(
        stats.topic(),
        stats.lowWaterMark(),
        stats.end(),
        stats.unfinished(),
        stats.inFlight(),
        stats.retrying(),
        stats.dying(),
        stats.dead(),
        stats.lost(),
        stats.expired(),
        stats.dropped(),
        stats.cancelled(),
        stats.skipped(),
        Optional.empty());
  }

  /** Figures of a group that has lost nothing, but for the time of its oldest message. */
  static GroupStats stats(
      String topic,
      long lowWaterMark,
      long end,
      long unfinished,
      long inFlight,
      long retrying,
      long dying,
      long dead) {
    return stats(topic, lowWaterMark, end, unfinished, inFlight, retrying, dying, dead, 0);
  }

  /** The same of one that has lost some. */
  static GroupStats stats(
      String topic,
      long lowWaterMark,
      long end,
      long unfinished,
      long inFlight,
      long retrying,
      long dying,
      long dead,
      long lost) {
    return new GroupStats(
        topic, lowWaterMark, end, unfinished, inFlight, retrying, dying, dead, lost, 0, 0, 0, 0,
        Optional.empty());
  }

  /**
   * Copies a store that is open: what a process that dies now leaves behind. Mapped stores are in
   * the page cache, and so in the copy. The pool's files come and go meanwhile, and the next
   * opening deletes what it finds there: they are left out.
   */
  static Path image(Path store, Path target) {
    try {
      Files.walkFileTree(
          store,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes with)
                throws IOException {
              Files.createDirectories(copyOf(directory));
              boolean pool = store.relativize(directory).startsWith("pool");
              return pool ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes with)
                throws IOException {
              if (!isIndex(file)) {
                Files.copy(file, copyOf(file));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (isIndex(file)) {
                return FileVisitResult.CONTINUE;
              }
              throw e;
            }

            private Path copyOf(Path file) {
              return target.resolve(store.relativize(file).toString());
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return target;
  }

  /** The store's threads replace it meanwhile, and the next opening never needs it. */
  private static boolean isIndex(Path file) {
    return file.toString().contains(".idx");
  }

  static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
