package io.holdfast.tools;

import io.holdfast.storage.check.ControlSlot;
import io.holdfast.storage.check.ControlView;
import io.holdfast.storage.check.IndexReader;
import io.holdfast.storage.check.SegmentFooter;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.PropertiesFile;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import io.holdfast.storage.format.IndexLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.SortedMap;

/** Prints any single file of a store, which it tells by its first bytes. */
final class FileDump {
  private static final String PROPERTIES = "# Holdf";

  private final Terminal terminal;
  private final boolean json;

  FileDump(Terminal terminal, boolean json) {
    this.terminal = terminal;
    this.json = json;
  }

  /**
   * Prints a file.
   *
   * @param file exists
   * @param from offset at which a segment's messages begin
   * @param printer of a segment's records
   * @return whether all that was read was whole
   */
  boolean dump(Path file, long from, RecordPrinter printer) {
    long magic = magic(file);
    if (magic == IndexLayout.MAGIC) {
      return index(file);
    }
    String letters =
        new String(
            ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(magic).array(),
            StandardCharsets.US_ASCII);
    if (letters.startsWith(PROPERTIES)) {
      return properties(file);
    }
    for (FileKind kind : FileKind.values()) {
      if (kind.magic() == magic) {
        return dump(kind, file, from, printer);
      }
    }
    if (file.getFileName().toString().endsWith(".log")) {
      return segment(file, from, printer); // its first copy of the header may be damaged
    }
    throw new NotFoundException(
        "%s: expected a file of a Holdfast store, found one that begins with '%s'"
            .formatted(file, Text.safe(letters)));
  }

  private boolean dump(FileKind kind, Path file, long from, RecordPrinter printer) {
    return switch (kind) {
      case SEGMENT -> segment(file, from, printer);
      case CONTROL -> control(file);
      case GROUP_HEAD -> new GroupFileDump(terminal, json).head(file);
      case GROUP_DONE -> new GroupFileDump(terminal, json).done(file);
      case GROUP_SLOTS -> new GroupFileDump(terminal, json).slots(file);
      case DELAY_RUN -> new DelayFileDump(terminal, json).run(file);
      case DEDUP_SEQUENCES -> new DedupFileDump(terminal, json).sequences(file);
      case DEDUP_IDS -> new DedupFileDump(terminal, json).ids(file);
      case DELAYED_BITS, CANCELLED_BITS -> new DelayFileDump(terminal, json).bits(kind, file);
    };
  }

  private static long magic(Path file) {
    if (!Files.exists(file)) {
      throw new NotFoundException(file + ": expected a file or a directory, found nothing");
    }
    ByteBuffer first = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = DurableFiles.open(file, StandardOpenOption.READ)) {
      while (first.hasRemaining() && channel.read(first) >= 0) {
        // until eight bytes are read, or there are no more
      }
    } catch (IOException e) {
      throw DurableFiles.failure(file, "cannot be read", e);
    }
    return first.getLong(0);
  }

  /** One line about the header of any of our binary files. */
  static String header(FileHeader header) {
    return "store %s  format %d  topic number %d  capacity %d  salt %016x"
        .formatted(
            header.storeId(), header.version(), header.topic(), header.capacity(), header.salt());
  }

  private boolean segment(Path file, long from, RecordPrinter printer) {
    if (!json) {
      try (SegmentScanner scanner = SegmentScanner.open(file)) {
        Optional<FileHeader> header = scanner.header();
        print("segment  " + header.map(FileDump::header).orElse("no valid header"));
        scanner.footer().ifPresent(footer -> print("footer   " + footer(footer)));
      }
    }
    try (TopicWalk walk = TopicWalk.ofFile(file, from)) {
      return printer.print("", walk);
    }
  }

  private static String footer(SegmentFooter footer) {
    return "%s  %s  end position %d  last time %s  %s"
        .formatted(
            Text.offsets(footer.firstOffset(), footer.endOffset()),
            Text.count(footer.records(), "record"),
            footer.endPosition(),
            Text.time(footer.lastTime()),
            footer.forced() ? "forced" : "not forced");
  }

  private boolean index(Path file) {
    IndexReader index =
        IndexReader.read(file)
            .orElseThrow(
                () ->
                    new NotFoundException(
                        "%s: expected an index of %d bytes at least, found less: it was cut; it "
                                .formatted(file, IndexLayout.ENTRY)
                            + "is not needed, and can be deleted while the store is closed"));
    if (!json) {
      print("index  salt %016x  %s".formatted(index.salt(), Text.count(index.pages(), "page")));
    }
    for (int page = 1; page < index.pages(); page++) {
      int entry = page;
      if (index.position(page) == 0) {
        continue;
      }
      if (json) {
        new Json(terminal.out())
            .line(
                j -> {
                  j.writeStringField("type", "index");
                  j.writeNumberField("page", entry);
                  j.writeNumberField("offset", index.offset(entry));
                  j.writeNumberField("position", index.position(entry));
                  j.writeNumberField("time", index.time(entry));
                });
      } else {
        print(
            "page %d  offset %d  position %d  time +%d ms"
                .formatted(page, index.offset(page), index.position(page), index.time(page)));
      }
    }
    return true;
  }

  private boolean control(Path file) {
    ControlView control = ControlView.read(file);
    if (!json) {
      print("control  " + control.header().map(FileDump::header).orElse("no valid header"));
    }
    for (int slot = 0; slot < control.slots().size(); slot++) {
      Optional<ControlSlot> found = control.slots().get(slot);
      if (found.isPresent()) {
        slot(slot, found.get());
      } else if (!json) {
        print("slot %d  not valid, or never written".formatted(slot));
      }
    }
    return control.header().isPresent() && control.newest().isPresent();
  }

  private void slot(int number, ControlSlot slot) {
    if (json) {
      new Json(terminal.out())
          .line(
              j -> {
                j.writeStringField("type", "control");
                j.writeNumberField("slot", number);
                j.writeNumberField("sequence", slot.sequence());
                j.writeNumberField("epoch", Integer.toUnsignedLong(slot.writerEpoch()));
                j.writeNumberField("lastTopic", slot.lastTopic());
                j.writeArrayFieldStart("topics");
                for (var topic : slot.topics().entrySet()) {
                  j.writeStartObject();
                  j.writeNumberField("topic", topic.getKey());
                  j.writeNumberField("durableOffset", topic.getValue().durableOffset());
                  j.writeNumberField("firstSegment", topic.getValue().firstSegment());
                  j.writeEndObject();
                }
                j.writeEndArray();
              });
      return;
    }
    print(
        "slot %d  sequence %d  epoch %s  last topic number %d"
            .formatted(
                number,
                slot.sequence(),
                Integer.toUnsignedString(slot.writerEpoch()),
                slot.lastTopic()));
    slot.topics()
        .forEach(
            (topic, known) ->
                print(
                    "  topic number %d  durable below %d  first segment %d"
                        .formatted(topic, known.durableOffset(), known.firstSegment())));
  }

  private boolean properties(Path file) {
    SortedMap<String, String> properties = PropertiesFile.read(file);
    if (json) {
      new Json(terminal.out())
          .line(
              j -> {
                j.writeStringField("type", "properties");
                Json.object(j, "properties", properties);
                j.writeStringField("crc", "ok");
              });
    } else {
      print("properties  crc ok");
      properties.forEach((key, value) -> print(Text.safe(key + " = " + value)));
    }
    return true;
  }

  private void print(String line) {
    terminal.out().println(line);
  }
}
