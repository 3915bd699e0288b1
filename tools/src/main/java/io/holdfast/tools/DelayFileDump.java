package io.holdfast.tools;

import io.holdfast.engine.delay.DelayBitsLayout;
import io.holdfast.engine.delay.DelayRunLayout;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/** Prints the files in which a topic keeps what it knows of its delayed messages. */
final class DelayFileDump {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int MAX_RUN = 1 << 26;

  private final Terminal terminal;
  private final boolean json;

  DelayFileDump(Terminal terminal, boolean json) {
    this.terminal = terminal;
    this.json = json;
  }

  /** Prints the entries of a run, in the order of their times. */
  boolean run(Path file) {
    byte[] content = DurableFiles.read(file, MAX_RUN);
    boolean fine = header(FileKind.DELAY_RUN, "run", content, file);
    UnsafeBuffer buffer = new UnsafeBuffer(content);
    int blocks = (content.length - DelayRunLayout.BLOCKS) / DelayRunLayout.BLOCK;
    for (int block = 0; block < blocks; block++) {
      int at = DelayRunLayout.BLOCKS + block * DelayRunLayout.BLOCK;
      if (!isWhole(buffer, content, at, block)) {
        fine = false;
        if (!json) {
          print("block %d  not valid".formatted(block));
        }
        continue;
      }
      int entries = buffer.getInt(at + DelayRunLayout.ENTRIES, LE);
      for (int i = 0; i < Math.min(entries, DelayRunLayout.BLOCK_ENTRIES); i++) {
        int entry = at + i * DelayRunLayout.ENTRY;
        entry(
            buffer.getLong(entry, LE), buffer.getLong(entry + DelayRunLayout.OFFSET, LE));
      }
    }
    return fine && blocks > 0;
  }

  private static boolean isWhole(UnsafeBuffer buffer, byte[] content, int at, int number) {
    CRC32C crc = new CRC32C();
    crc.update(content, at, DelayRunLayout.CRC);
    return buffer.getInt(at + DelayRunLayout.CRC, LE) == (int) crc.getValue()
        && buffer.getLong(at + DelayRunLayout.NUMBER, LE) == number;
  }

  private void entry(long deliverAt, long offset) {
    if (json) {
      new Json(terminal.out())
          .line(
              j -> {
                j.writeStringField("type", "delayed");
                j.writeStringField("deliverAt", Text.time(deliverAt));
                j.writeNumberField("offset", offset);
              });
    } else {
      print("%s  offset %d".formatted(Text.time(deliverAt), offset));
    }
  }

  /** Prints the ranges of offsets whose bits are set. */
  boolean bits(FileKind kind, Path file) {
    byte[] content = DurableFiles.read(file, DelayBitsLayout.CAPACITY);
    String what = kind == FileKind.DELAYED_BITS ? "delayed" : "cancelled";
    boolean fine = header(kind, what, content, file);
    String name = file.getFileName().toString();
    long first =
        Math.max(0, DelayBitsLayout.chunkOf(name, "." + what)) << DelayBitsLayout.OFFSETS_SHIFT;
    BitRanges.each(
        content,
        DelayBitsLayout.BITS,
        (from, to) -> range(what, first + from, first + to));
    return fine && content.length == DelayBitsLayout.CAPACITY;
  }

  private void range(String what, long from, long to) {
    if (json) {
      new Json(terminal.out())
          .line(
              j -> {
                j.writeStringField("type", what);
                j.writeNumberField("offset", from);
                j.writeNumberField("endOffset", to);
              });
    } else {
      print("offsets %d to %d".formatted(from, to - 1));
    }
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

  private void print(String line) {
    terminal.out().println(line.stripTrailing());
  }
}
