package io.holdfast.tools;

import io.holdfast.engine.group.DoneLayout;
import io.holdfast.engine.group.HeadLayout;
import io.holdfast.engine.group.HeadSlot;
import io.holdfast.engine.group.SlotLayout;
import io.holdfast.engine.group.SlotState;
import io.holdfast.engine.group.SlotWord;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/** Prints the three kinds of file in which a group keeps its state. */
final class GroupFileDump {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int MAX_SLOTS_BYTES = 1 << 30;

  private final Terminal terminal;
  private final boolean json;

  GroupFileDump(Terminal terminal, boolean json) {
    this.terminal = terminal;
    this.json = json;
  }

  private boolean header(FileKind kind, String what, byte[] content, Path file) {
    Optional<FileHeader> header =
        content.length < FileHeader.BLOCK
            ? Optional.empty()
            : FileHeader.readBlock(kind, new UnsafeBuffer(content), 0, file);
    if (!json) {
      print(what + "  " + header.map(FileDump::header).orElse("no valid header"));
    }
    return header.isPresent();
  }

  boolean head(Path file) {
    byte[] content = DurableFiles.read(file, 1 << 20);
    boolean fine = header(FileKind.GROUP_HEAD, "head", content, file);
    boolean any = false;
    for (int number = 0; number < HeadLayout.SLOTS; number++) {
      Optional<UnsafeBuffer> slot = HeadSlot.valid(new UnsafeBuffer(content), number, file);
      if (slot.isPresent() && slot.get().getLong(HeadLayout.SEQUENCE, LE) > 0) {
        any = true;
        headSlot(number, slot.get());
      } else if (!json) {
        print("slot %d  not valid, or never written".formatted(number));
      }
    }
    return fine && any;
  }

  private void headSlot(int number, UnsafeBuffer slot) {
    long seekTo = slot.getLong(HeadLayout.SEEK_TO, LE) - 1;
    if (json) {
      new Json(terminal.out())
          .line(
              j -> {
                j.writeStringField("type", "head");
                j.writeNumberField("slot", number);
                j.writeNumberField("sequence", slot.getLong(HeadLayout.SEQUENCE, LE));
                j.writeNumberField("lowWaterMark", slot.getLong(HeadLayout.LOW_WATER_MARK, LE));
                j.writeNumberField("nextOffset", slot.getLong(HeadLayout.NEXT_OFFSET, LE));
                j.writeNumberField("done", slot.getLong(HeadLayout.DONE, LE));
                for (HeadCount count : HeadCount.values()) {
                  j.writeNumberField(count.label(), count.in(slot));
                }
                if (seekTo >= 0) {
                  j.writeNumberField("seekTo", seekTo);
                }
                j.writeNumberField("epoch", slot.getInt(HeadLayout.WRITER_EPOCH, LE));
              });
      return;
    }
    StringBuilder counts = new StringBuilder();
    for (HeadCount count : HeadCount.values()) {
      counts.append("  ").append(count.label()).append(' ').append(count.in(slot));
    }
    print(
        "slot %d  sequence %d  low-water mark %d  next offset %d  done %d%s%s  epoch %d"
            .formatted(
                number,
                slot.getLong(HeadLayout.SEQUENCE, LE),
                slot.getLong(HeadLayout.LOW_WATER_MARK, LE),
                slot.getLong(HeadLayout.NEXT_OFFSET, LE),
                slot.getLong(HeadLayout.DONE, LE),
                counts,
                seekTo >= 0 ? "  seeks " + seekTo : "",
                slot.getInt(HeadLayout.WRITER_EPOCH, LE)));
  }

  /** Prints the ranges of offsets that are done. */
  boolean done(Path file) {
    byte[] content = DurableFiles.read(file, DoneLayout.CAPACITY);
    boolean fine = header(FileKind.GROUP_DONE, "done", content, file);
    long first =
        Math.max(0, DoneLayout.chunkOf(file.getFileName().toString()))
            << DoneLayout.OFFSETS_SHIFT;
    BitRanges.each(content, DoneLayout.BITS, (from, to) -> range(first + from, first + to));
    return fine && content.length == DoneLayout.CAPACITY;
  }

  private void range(long from, long to) {
    if (json) {
      new Json(terminal.out())
          .line(
              j -> {
                j.writeStringField("type", "done");
                j.writeNumberField("offset", from);
                j.writeNumberField("endOffset", to);
              });
    } else {
      print("offsets %d to %d".formatted(from, to - 1));
    }
  }

  boolean slots(Path file) {
    byte[] content = DurableFiles.read(file, MAX_SLOTS_BYTES);
    boolean fine = header(FileKind.GROUP_SLOTS, "slots", content, file);
    UnsafeBuffer buffer = new UnsafeBuffer(content);
    int number = 0;
    for (int block = SlotLayout.FIRST_BLOCK;
        block + SlotLayout.BLOCK <= content.length;
        block += SlotLayout.BLOCK) {
      for (int i = 0; i < SlotLayout.BLOCK_SLOTS; i++, number++) {
        int at = block + SlotLayout.slotInBlock(number);
        if (SlotWord.state(buffer.getLong(at + SlotLayout.WORD, LE)) != SlotState.FREE) {
          slot(number, buffer, at, block + SlotLayout.detailInBlock(number));
        }
      }
    }
    return fine;
  }

  private void slot(int number, UnsafeBuffer buffer, int at, int detail) {
    long word = buffer.getLong(at + SlotLayout.WORD, LE);
    String state = SlotWord.state(word).name().toLowerCase(Locale.ROOT);
    long offset = buffer.getLong(at + SlotLayout.OFFSET, LE);
    long deadline = buffer.getLong(at + SlotLayout.DEADLINE, LE);
    String consumer =
        text(
            buffer,
            detail + SlotLayout.CONSUMER,
            buffer.getByte(detail + SlotLayout.CONSUMER_LENGTH) & 0xFF,
            SlotLayout.CONSUMER_MAX);
    String error = error(buffer, detail);
    if (json) {
      new Json(terminal.out())
          .line(
              j -> {
                j.writeStringField("type", "slot");
                j.writeNumberField("slot", number);
                j.writeStringField("state", state);
                j.writeNumberField("offset", offset);
                j.writeNumberField("generation", SlotWord.generation(word));
                j.writeNumberField("attempts", SlotWord.attempts(word));
                j.writeNumberField("failures", SlotWord.failures(word));
                j.writeStringField("deadline", Text.time(deadline));
                j.writeStringField("consumer", consumer);
                j.writeStringField("error", error);
              });
      return;
    }
    print(
        "slot %d  %s  offset %d  generation %d  attempts %d  failures %d  %s  consumer %s  %s"
            .formatted(
                number,
                state,
                offset,
                SlotWord.generation(word),
                SlotWord.attempts(word),
                SlotWord.failures(word),
                Text.time(deadline),
                Text.safe(consumer),
                Text.safe(error)));
  }

  /** Class and message of the last error; the lengths may be anything. */
  private static String error(UnsafeBuffer buffer, int detail) {
    int type =
        Math.min(buffer.getByte(detail + SlotLayout.CLASS_LENGTH) & 0xFF, SlotLayout.CLASS_MAX);
    int message = buffer.getByte(detail + SlotLayout.MESSAGE_LENGTH) & 0xFF;
    int at = detail + SlotLayout.ERROR;
    String name = text(buffer, at, type, SlotLayout.CLASS_MAX);
    String said = text(buffer, at + type, message, SlotLayout.ERROR_MAX - type);
    return said.isEmpty() ? name : name + ": " + said;
  }

  private static String text(UnsafeBuffer buffer, int at, int length, int most) {
    byte[] bytes = new byte[Math.min(length, most)];
    buffer.getBytes(at, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private void print(String line) {
    terminal.out().println(line.stripTrailing());
  }
}
