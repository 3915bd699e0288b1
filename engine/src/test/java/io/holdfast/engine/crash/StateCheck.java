package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.group.DoneLayout;
import io.holdfast.engine.group.SlotLayout;
import io.holdfast.engine.group.SlotState;
import io.holdfast.engine.group.SlotWord;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;

/** Looks at the files of a group's state after an opening: G10 and G11 of the architecture. */
final class StateCheck {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private StateCheck() {}

  /** No bit and no slot at or above the end; no offset in two slots. */
  static void of(OpenEngine open, GroupLedger group, TopicLedger topic) throws IOException {
    Path store = open.directory;
    Path directory = store.resolve("groups").resolve(group.name).resolve(topic.name);
    long end = topic.log.endOffset();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.done")) {
      for (Path file : files) {
        bits(file, end);
      }
    }
    slots(directory.resolve("slots"), end);
  }

  private static void bits(Path file, long end) throws IOException {
    long first = DoneLayout.chunkOf(file.getFileName().toString()) << DoneLayout.OFFSETS_SHIFT;
    UnsafeBuffer chunk = new UnsafeBuffer(Files.readAllBytes(file));
    int from = (int) Math.max(0, Math.min(end - first, DoneLayout.OFFSETS));
    for (int word = from >>> 6; word < DoneLayout.WORDS; word++) {
      long bits = chunk.getLong(DoneLayout.BITS + word * Long.BYTES, LE);
      long beyond = word == from >>> 6 ? bits & -1L << from : bits;
      int where = word;
      assertTrue(
          beyond == 0,
          () -> "%s: a bit is set in word %d, although the topic ends at %d"
              .formatted(file, where, end));
    }
  }

  private static void slots(Path file, long end) throws IOException {
    UnsafeBuffer slots = new UnsafeBuffer(Files.readAllBytes(file));
    Set<Long> offsets = new HashSet<>();
    int blocks = (slots.capacity() - SlotLayout.FIRST_BLOCK) / SlotLayout.BLOCK;
    for (int slot = 0; slot < blocks * SlotLayout.BLOCK_SLOTS; slot++) {
      int block = SlotLayout.FIRST_BLOCK + (slot >>> SlotLayout.BLOCK_SHIFT) * SlotLayout.BLOCK;
      int at = block + SlotLayout.slotInBlock(slot);
      if (SlotWord.state(slots.getLong(at + SlotLayout.WORD, LE)) != SlotState.FREE) {
        long offset = slots.getLong(at + SlotLayout.OFFSET, LE);
        assertTrue(
            offset >= 0 && offset < end && offsets.add(offset),
            () -> "%s: a slot holds offset %d, the topic ends at %d"
                .formatted(file, offset, end));
      }
    }
  }
}
