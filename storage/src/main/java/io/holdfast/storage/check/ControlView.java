package io.holdfast.storage.check;

import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.ControlLayout;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/** A control file as it was read at one moment, damaged or not. Immutable. */
public final class ControlView {
  private static final int LEAST = FileHeader.BLOCK + ControlLayout.SLOTS * 4096;
  private static final int MAX_BYTES = 16 << 20;

  private final Path file;
  private final int length;
  private final Optional<FileHeader> header;
  private final List<Optional<ControlSlot>> slots = new ArrayList<>();
  private final List<Boolean> written = new ArrayList<>();

  private ControlView(Path file, byte[] content) {
    this.file = file;
    this.length = content.length;
    UnsafeBuffer buffer = new UnsafeBuffer(content);
    this.header =
        length < FileHeader.BLOCK
            ? Optional.empty()
            : FileHeader.readBlock(FileKind.CONTROL, buffer, 0, file);
    if (length < LEAST) {
      return;
    }
    for (int slot = 0; slot < ControlLayout.SLOTS; slot++) {
      int at = ControlLayout.slot(slot, length);
      slots.add(ControlSlot.read(buffer, slot, length));
      written.add(buffer.getLong(at + ControlLayout.SEQUENCE) != 0);
    }
  }

  /**
   * Reads a control file without a lock.
   *
   * @param file exists
   * @return what stands in it
   * @throws io.holdfast.storage.error.FormatVersionException when a newer version wrote it
   */
  public static ControlView read(Path file) {
    return new ControlView(file, DurableFiles.read(file, MAX_BYTES));
  }

  /**
   * Which file this is.
   *
   * @return as given
   */
  public Path file() {
    return file;
  }

  /**
   * The header.
   *
   * @return empty when neither copy is valid
   */
  public Optional<FileHeader> header() {
    return header;
  }

  /**
   * The slots.
   *
   * @return two, each empty when it is not valid; none when the file is too short
   */
  public List<Optional<ControlSlot>> slots() {
    return Collections.unmodifiableList(slots);
  }

  /**
   * The slot that counts.
   *
   * @return empty when none is valid
   */
  public Optional<ControlSlot> newest() {
    return slots.stream()
        .flatMap(Optional::stream)
        .max(Comparator.comparingLong(ControlSlot::sequence));
  }

  /**
   * What is wrong with the file.
   *
   * @return empty when nothing is
   */
  List<Finding> findings() {
    List<Finding> found = new ArrayList<>();
    String restore = "restore it from a backup; the segments can be read without it";
    if (header.isEmpty()) {
      found.add(
          Finding.damage(
              file, 0, "expected a control file's header, found none of its two copies", restore));
    } else if (header.get().capacity() != length) {
      String wrong =
          "expected %d bytes, found %d".formatted(header.get().capacity(), length);
      found.add(Finding.damage(file, length, wrong, restore));
    }
    if (newest().isEmpty()) {
      String wrong = "expected a slot with a valid checksum, found none in two";
      found.add(Finding.damage(file, Math.min(length, FileHeader.BLOCK), wrong, restore));
      return found;
    }
    for (int slot = 0; slot < slots.size(); slot++) {
      if (slots.get(slot).isEmpty() && written.get(slot)) {
        found.add(
            Finding.note(
                file,
                ControlLayout.slot(slot, length),
                "slot %d has no valid checksum; the other one counts".formatted(slot),
                "nothing to do: it is the slot that is written next"));
      }
    }
    return found;
  }
}
