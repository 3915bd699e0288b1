package io.holdfast.engine.check;

import io.holdfast.engine.group.DoneLayout;
import io.holdfast.engine.group.HeadLayout;
import io.holdfast.engine.group.HeadSlot;
import io.holdfast.engine.group.InternalNames;
import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.Finding.Severity;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.error.FormatVersionException;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.PropertiesFile;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The check of the groups of a store: whether each file of their state is whole and belongs to this
 * store and topic. What the bits and slots say has no checksum and is not judged.
 */
public final class GroupCheck {
  private static final String RESTORE =
      "restore the file from a backup; or delete the directory of the group and topic while the"
          + " store is closed, and the group begins anew there";

  private final StoreView store;
  private final List<Finding> findings = new ArrayList<>();

  private GroupCheck(StoreView store) {
    this.store = store;
  }

  /**
   * Checks all groups of a store.
   *
   * @param store what was seen of the store
   * @return damage and notes, by group and topic
   */
  public static List<Finding> of(StoreView store) {
    GroupCheck check = new GroupCheck(store);
    for (Path group : StoreView.directories(store.directory().resolve("groups"))) {
      check.group(group);
    }
    return check.findings;
  }

  private void group(Path group) {
    if (!InternalNames.isRedriveState(group.getFileName().toString())) {
      Path properties = group.resolve("group.properties");
      if (!Files.isRegularFile(properties, LinkOption.NOFOLLOW_LINKS)) {
        return; // a group that was never finished: it does not exist
      }
      try {
        PropertiesFile.read(properties);
      } catch (HoldfastException e) {
        damage(properties, 0, e.getMessage(), "restore the file from a backup");
      }
    }
    for (Path topic : StoreView.directories(group)) {
      boolean state = Files.isRegularFile(topic.resolve("head"), LinkOption.NOFOLLOW_LINKS);
      if (state && !topic.getFileName().toString().contains("~")) {
        state(topic);
      }
    }
  }

  private void state(Path directory) {
    int topic = store.topic(directory.getFileName().toString()).map(TopicView::number).orElse(0);
    Path head = directory.resolve("head");
    if (header(head, FileKind.GROUP_HEAD, topic)) {
      head(head);
    }
    header(directory.resolve("slots"), FileKind.GROUP_SLOTS, topic);
    try (DirectoryStream<Path> chunks = Files.newDirectoryStream(directory, "*.done")) {
      for (Path chunk : chunks) {
        boolean ours = header(chunk, FileKind.GROUP_DONE, topic);
        if (ours && Files.size(chunk) != DoneLayout.CAPACITY) {
          damage(
              chunk,
              Files.size(chunk),
              "expected %d bytes, found %d".formatted(DoneLayout.CAPACITY, Files.size(chunk)),
              RESTORE);
        }
      }
    } catch (IOException e) {
      throw DurableFiles.failure(directory, "cannot be listed", e);
    }
  }

  private void head(Path file) {
    UnsafeBuffer content = new UnsafeBuffer(DurableFiles.read(file, 1 << 20));
    if (HeadSlot.newest(content, file).isEmpty()) {
      damage(file, HeadLayout.slot(0), "expected a valid slot, found none in two", RESTORE);
      return;
    }
    for (int slot = 0; slot < HeadLayout.SLOTS; slot++) {
      if (HeadSlot.valid(content, slot, file).isEmpty()) {
        long at = HeadLayout.slot(slot);
        findings.add(
            new Finding(
                Severity.NOTE, file, at, at, -1, -1,
                "slot %d has no valid checksum; the other one counts".formatted(slot),
                "nothing to do: it is the slot that is written next"));
      }
    }
  }

  /** Whether the file is there and begins as one of this store and topic does. */
  private boolean header(Path file, FileKind kind, int topic) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      damage(file, 0, "expected the file, found none", RESTORE);
      return false;
    }
    try {
      return header(file, kind, topic, new UnsafeBuffer(firstBlock(file)));
    } catch (FormatVersionException e) {
      damage(file, 0, e.getMessage(), "use the Holdfast that wrote it, or a newer one");
      return false;
    }
  }

  private boolean header(Path file, FileKind kind, int topic, UnsafeBuffer block) {
    for (int at : new int[] {0, FileHeader.SECOND_COPY}) {
      Optional<FileHeader> copy = FileHeader.readCopy(kind, block, at, file);
      if (copy.isPresent()) {
        FileHeader header = copy.get();
        boolean ours = store.id().map(header.storeId()::equals).orElse(true);
        if (!ours || topic != 0 && header.topic() != topic) {
          damage(
              file,
              at,
              "expected state of store %s, topic number %d, found that of store %s, topic %d"
                  .formatted(
                      store.id().map(Object::toString).orElse("?"),
                      topic,
                      header.storeId(),
                      header.topic()),
              "nothing to do: the next opening sets it aside, and the group begins anew there");
        }
        return ours;
      }
    }
    damage(file, 0, "expected a header, found none of its two copies", RESTORE);
    return false;
  }

  private static byte[] firstBlock(Path file) {
    ByteBuffer block = ByteBuffer.allocate(FileHeader.BLOCK);
    try (FileChannel channel = DurableFiles.open(file, StandardOpenOption.READ)) {
      while (block.hasRemaining() && channel.read(block, block.position()) >= 0) {
        // what lies beyond the end of the file stays zero, which is no header
      }
    } catch (IOException e) {
      throw DurableFiles.failure(file, "cannot be read", e);
    }
    return block.array();
  }

  private void damage(Path file, long position, String problem, String help) {
    findings.add(
        new Finding(Severity.DAMAGE, file, position, position, -1, -1, problem, help));
  }
}
