package io.holdfast.tools;

import io.holdfast.engine.error.UnsupportedMessageException;
import io.holdfast.engine.message.AttributeReader;
import io.holdfast.engine.message.SentMessage;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.error.SegmentDroppedException;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import java.util.Optional;

/** Prints the records of a walk, one a line, and each range in which none could be read. */
final class RecordPrinter {
  private static final byte[] NOT_SHOWN = new byte[0];

  private final Terminal terminal;
  private final boolean json;
  private final boolean raw;
  private final PayloadForm payloads;
  private final long limit;
  private boolean broken;

  /**
   * Makes a printer.
   *
   * @param terminal where it prints
   * @param json whether one object a line
   * @param raw whether record headers are shown, of begin and seal as well
   * @param payloads how payloads are shown
   * @param limit most messages
   */
  RecordPrinter(
      Terminal terminal, boolean json, boolean raw, PayloadForm payloads, long limit) {
    this.terminal = terminal;
    this.json = json;
    this.raw = raw;
    this.payloads = payloads;
    this.limit = limit;
  }

  /**
   * Prints what a walk comes to.
   *
   * @param topic its name, or empty where it is not known
   * @param walk stands before the first record
   * @return whether every record so far was whole
   */
  boolean print(String topic, TopicWalk walk) {
    RecordForm form =
        json
            ? new RecordJson(terminal.out(), topic, payloads)
            : new RecordText(terminal.out(), payloads);
    long printed = 0;
    while (printed < limit && !terminal.cannotPrint()) {
      SegmentWalk.Step step = walk.next();
      if (step == SegmentWalk.Step.END) {
        break;
      }
      if (step == SegmentWalk.Step.BROKEN) {
        broken = true;
        form.broken(walk);
      } else if (step == SegmentWalk.Step.GAP) {
        form.gap(walk);
      } else {
        printed += record(form, walk) ? 1 : 0;
      }
    }
    if (walk.dropped() > 0) {
      terminal.say(
          "note: %s dropped while reading, by the process that has the store open"
              .formatted(Text.count(walk.dropped(), "segment")));
    }
    return !broken;
  }

  /** Whether it was a message. */
  private boolean record(RecordForm form, TopicWalk walk) {
    try {
      boolean data = walk.record().type() == RecordType.DATA;
      if (raw) {
        form.header(walk);
      } else if (data) {
        message(form, walk);
      }
      return data;
    } catch (SegmentDroppedException e) {
      return false; // the next step of the walk finds that too, counts it and goes on behind it
    }
  }

  private void message(RecordForm form, TopicWalk walk) {
    SegmentScanner record = walk.record();
    byte[] attributes = record.body(0, record.attributesLength());
    int length = record.length() - RecordLayout.HEADER - attributes.length;
    byte[] payload =
        payloads == PayloadForm.NONE ? NOT_SHOWN : record.body(attributes.length, length);
    String where = walk.file() + ", position " + record.position();
    try {
      SentMessage sent =
          AttributeReader.read(attributes, 0, attributes.length, payload, where);
      form.message(walk, Optional.of(sent), "", payload, length);
    } catch (UnsupportedMessageException | IllegalArgumentException e) {
      broken = true;
      form.message(walk, Optional.empty(), e.getMessage(), payload, length);
    }
  }
}
