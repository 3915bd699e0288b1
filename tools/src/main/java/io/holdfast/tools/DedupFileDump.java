package io.holdfast.tools;

import io.holdfast.engine.dedup.IdFileView;
import io.holdfast.engine.dedup.KnownProducer;
import io.holdfast.engine.dedup.SequenceFile;
import io.holdfast.engine.error.DamagedDedupException;
import java.nio.file.Path;

/** Prints what a topic remembers of its producers and of the ids of messages. */
final class DedupFileDump {
  private final Terminal terminal;
  private final boolean json;

  DedupFileDump(Terminal terminal, boolean json) {
    this.terminal = terminal;
    this.json = json;
  }

  /** Prints what each producer had sent when the file was written. */
  boolean sequences(Path file) {
    try {
      SequenceFile content = SequenceFile.read(file);
      if (!json) {
        print(
            "sequences  store %s  topic number %d  of all messages below offset %d  %s"
                .formatted(
                    content.storeId(),
                    content.topic(),
                    content.offset(),
                    Text.count(content.table().entries(), "producer")));
      }
      KnownProducer.of(content.table(), file).forEach(this::producer);
      return true;
    } catch (DamagedDedupException e) {
      if (!json) {
        print("sequences  not valid: " + Text.safe(e.getMessage()));
      }
      return false;
    }
  }

  private void producer(KnownProducer producer) {
    if (json) {
      new Json(terminal.out())
          .line(
              j -> {
                j.writeStringField("type", "producer");
                j.writeStringField("name", producer.name());
                j.writeNumberField("lastSequence", producer.last());
                j.writeNumberField("tooOld", producer.tooOld());
                j.writeNumberField("known", producer.known());
              });
    } else {
      print(text(producer));
    }
  }

  /** One line about a producer. */
  static String text(KnownProducer producer) {
    return "producer %s  last sequence %d  %d known%s"
        .formatted(
            Text.safe(producer.name()),
            producer.last(),
            producer.known(),
            producer.tooOld() < 0 ? "" : "  too old up to " + producer.tooOld());
  }

  /** Prints the ids that were forced. */
  boolean ids(Path file) {
    IdFileView content = IdFileView.read(file);
    if (!json) {
      print("ids  " + content.header().map(FileDump::header).orElse("no valid header"));
      print(
          content.checkpoint() < 0
              ? "neither of the two heads is valid"
              : "of messages below offset %d  next entry %d"
                  .formatted(content.checkpoint(), content.next()));
    }
    content.entries().forEach(this::entry);
    return content.header().isPresent() && content.checkpoint() >= 0;
  }

  private void entry(IdFileView.Entry entry) {
    if (json) {
      new Json(terminal.out())
          .line(
              j -> {
                j.writeStringField("type", "id");
                j.writeStringField("hash", entry.hash());
                j.writeNumberField("offset", entry.offset());
                j.writeStringField("time", Text.time(entry.time()));
              });
    } else {
      print(
          "id %s  offset %d  %s".formatted(entry.hash(), entry.offset(), Text.time(entry.time())));
    }
  }

  private void print(String line) {
    terminal.out().println(line.stripTrailing());
  }
}
