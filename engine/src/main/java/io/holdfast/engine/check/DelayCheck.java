package io.holdfast.engine.check;

import io.holdfast.engine.delay.DelayBitsLayout;
import io.holdfast.engine.delay.DelayRunLayout;
import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.Finding.Severity;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The check of what the topics of a store know of their delayed messages: whether each file is
 * whole. What bits say has no checksum and is not judged.
 */
public final class DelayCheck {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int MOST = 1 << 26; // bytes of a run, eight times what there is
  private static final String REBUILT =
      "nothing is lost: open the store, and the topic is read for its delayed messages";
  private static final String CANCELS =
      "restore the file from a backup; or open the store, and messages that were cancelled come";

  private final StoreView store;
  private final List<Finding> findings = new ArrayList<>();

  private DelayCheck(StoreView store) {
    this.store = store;
  }

  /**
   * Checks all topics of a store.
   *
   * @param store what was seen of the store
   * @return damage, by topic
   */
  public static List<Finding> of(StoreView store) {
    DelayCheck check = new DelayCheck(store);
    for (Path topic : StoreView.directories(store.directory().resolve("delays"))) {
      Optional<TopicView> live = store.topic(topic.getFileName().toString());
      live.ifPresent(view -> check.topic(topic, view.number()));
    }
    return check.findings;
  }

  private void topic(Path directory, int number) {
    for (Path file : files(directory)) {
      String name = file.getFileName().toString();
      if (DelayRunLayout.numberOf(name) >= 0) {
        run(file, number);
      } else if (DelayBitsLayout.chunkOf(name, DelayBitsLayout.DELAYED) >= 0) {
        bits(file, FileKind.DELAYED_BITS, number, REBUILT);
      } else if (DelayBitsLayout.chunkOf(name, DelayBitsLayout.CANCELLED) >= 0) {
        bits(file, FileKind.CANCELLED_BITS, number, CANCELS);
      }
    }
  }

  private static List<Path> files(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw DurableFiles.failure(directory, "cannot be listed", e);
    }
  }

  private void bits(Path file, FileKind kind, int topic, String help) {
    byte[] content = read(file);
    if (isOurs(content, file, kind, topic, help) && content.length != DelayBitsLayout.CAPACITY) {
      damage(
          file,
          content.length,
          "expected %d bytes, found %d".formatted(DelayBitsLayout.CAPACITY, content.length),
          help);
    }
  }

  private void run(Path file, int topic) {
    byte[] content = read(file);
    if (!isOurs(content, file, FileKind.DELAY_RUN, topic, REBUILT)) {
      return;
    }
    UnsafeBuffer buffer = new UnsafeBuffer(content);
    int blocks = (content.length - DelayRunLayout.BLOCKS) / DelayRunLayout.BLOCK;
    if (blocks < 1) {
      damage(file, content.length, "expected a block of entries, found none", REBUILT);
    }
    for (int block = 0; block < blocks; block++) {
      int at = DelayRunLayout.BLOCKS + block * DelayRunLayout.BLOCK;
      CRC32C crc = new CRC32C();
      crc.update(content, at, DelayRunLayout.CRC);
      if (buffer.getInt(at + DelayRunLayout.CRC, LE) != (int) crc.getValue()
          || buffer.getLong(at + DelayRunLayout.NUMBER, LE) != block) {
        damage(file, at, "block %d is not what was written there".formatted(block), REBUILT);
      }
    }
  }

  /** The files of a live store come and go; one that has gone has no content. */
  private static byte[] read(Path file) {
    try {
      return DurableFiles.read(file, MOST);
    } catch (HoldfastException e) {
      if (!DurableFiles.exists(file)) {
        return new byte[0];
      }
      throw e;
    }
  }

  /** Whether a file is one of this topic's; those of others are deleted by the next opening. */
  private boolean isOurs(byte[] content, Path file, FileKind kind, int topic, String help) {
    if (content.length == 0 && !DurableFiles.exists(file)) {
      return false;
    }
    try {
      Optional<FileHeader> header =
          content.length < FileHeader.BLOCK
              ? Optional.empty()
              : FileHeader.readBlock(kind, new UnsafeBuffer(content), 0, file);
      if (header.isEmpty()) {
        damage(file, 0, "expected a header, found none of its two copies", help);
      }
      return header.isPresent()
          && header.get().topic() == topic
          && store.id().map(header.get().storeId()::equals).orElse(true);
    } catch (HoldfastException e) {
      damage(file, 0, e.getMessage(), "use the Holdfast that wrote it, or a newer one");
      return false;
    }
  }

  private void damage(Path file, long position, String problem, String help) {
    findings.add(
        new Finding(Severity.DAMAGE, file, position, position, -1, -1, problem, help));
  }
}
