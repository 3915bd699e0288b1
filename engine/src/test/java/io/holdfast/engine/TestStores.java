package io.holdfast.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
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

  /**
   * Copies a store that is open: what a process that dies now leaves behind. Mapped stores are in
   * the page cache, and so in the copy.
   */
  static Path image(Path store, Path target) {
    try (Stream<Path> files = Files.walk(store)) {
      for (Path file : files.toList()) {
        Path copy = target.resolve(store.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else if (!isPassing(store.relativize(file))) {
          Files.copy(file, copy);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return target;
  }

  /** What the store's threads move and replace meanwhile, and what the next opening never needs. */
  private static boolean isPassing(Path file) {
    return file.startsWith("pool") || file.toString().endsWith(".idx");
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
