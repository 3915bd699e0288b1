package io.holdfast.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.holdfast.engine.Message;
import io.holdfast.engine.error.UnsupportedMessageException;
import io.holdfast.engine.message.AttributeReader;
import io.holdfast.engine.message.SentMessage;
import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import java.io.IOException;
import java.io.StringWriter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** Prints the records of a walk, one a line, and each range in which none could be read. */
final class RecordPrinter {
  private static final JsonFactory JSON = new JsonFactory();
  private static final byte[] NOT_SHOWN = new byte[0];
  private static final String INDENT = "    ";

  private final Terminal terminal;
  private final boolean json;
  private final boolean raw;
  private final PayloadForm form;
  private final long limit;
  private long printed;
  private boolean broken;
  private long next = -1;

  /**
   * Makes a printer.
   *
   * @param terminal where it prints
   * @param json whether one object a line
   * @param raw whether record headers are shown, of begin and seal as well
   * @param form how payloads are shown
   * @param limit most messages
   */
  RecordPrinter(Terminal terminal, boolean json, boolean raw, PayloadForm form, long limit) {
    this.terminal = terminal;
    this.json = json;
    this.raw = raw;
    this.form = form;
    this.limit = limit;
  }

  /**
   * Prints what a walk comes to.
   *
   * @param topic its name, or empty where it is not known
   * @param walk stands before the first record
   * @return whether every record was whole
   */
  boolean print(String topic, TopicWalk walk) {
    printed = 0;
    next = -1;
    while (printed < limit && !terminal.cannotPrint()) {
      SegmentWalk.Step step = walk.next();
      if (step == SegmentWalk.Step.END) {
        break;
      }
      if (step == SegmentWalk.Step.BROKEN) {
        broken = true;
        broken(topic, walk);
      } else if (raw) {
        header(topic, walk);
      } else if (walk.record().type() == RecordType.DATA) {
        message(topic, walk);
      }
      if (step == SegmentWalk.Step.RECORD) {
        boolean data = walk.record().type() == RecordType.DATA;
        printed += data ? 1 : 0;
        next = walk.record().offset() + (data ? 1 : 0);
      }
    }
    return !broken;
  }

  private void message(String topic, TopicWalk walk) {
    SegmentScanner record = walk.record();
    byte[] attributes = record.body(0, record.attributesLength());
    int payloadLength = record.length() - RecordLayout.HEADER - attributes.length;
    byte[] payload =
        form == PayloadForm.NONE
            ? NOT_SHOWN
            : record.body(attributes.length, payloadLength);
    Optional<SentMessage> sent = Optional.empty();
    String problem = "";
    try {
      String where = walk.file() + ", position " + record.position();
      sent =
          Optional.of(
              AttributeReader.read(attributes, 0, attributes.length, payload, where));
    } catch (UnsupportedMessageException | IllegalArgumentException e) {
      problem = e.getMessage();
      broken = true;
    }
    if (json) {
      messageJson(topic, walk, sent, problem, payload, payloadLength);
    } else {
      messageText(walk, sent, problem, payload, payloadLength);
    }
  }

  private void messageText(
      TopicWalk walk, Optional<SentMessage> sent, String problem, byte[] payload, int length) {
    SegmentScanner record = walk.record();
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "%d  %s  %s @ %d  length %d  epoch %s  crc ok  payload %d",
            record.offset(),
            time(walk),
            walk.file().getFileName(),
            record.position(),
            record.length(),
            Integer.toUnsignedString(record.writerEpoch()),
            length));
    sent.ifPresent(s -> attributes(line, s));
    if (!problem.isEmpty()) {
      line.append("  ").append(Text.safe(problem));
    }
    terminal.out().println(line);
    payloadText(payload);
  }

  private static void attributes(StringBuilder line, SentMessage sent) {
    Message message = sent.message();
    message.key().ifPresent(key -> line.append("  key=").append(Text.safe(key)));
    message.subject().ifPresent(s -> line.append("  subject=").append(Text.safe(s)));
    message
        .headers()
        .forEach(
            (name, value) ->
                line.append("  ").append(Text.safe(name)).append('=').append(Text.safe(value)));
    if (sent.producer() != null) {
      line.append("  producer=").append(Text.safe(sent.producer()));
    }
  }

  private void payloadText(byte[] payload) {
    switch (form) {
      case TEXT ->
          terminal
              .out()
              .println(
                  INDENT
                      + Text.utf8(payload)
                          .map(Text::safe)
                          .orElseGet(() -> "(not UTF-8) " + HexFormat.of().formatHex(payload)));
      case HEX -> terminal.out().print(Text.hex(payload, INDENT));
      case JSON ->
          terminal
              .out()
              .println(
                  INDENT
                      + json(payload, true)
                          .map(text -> text.replace("\n", "\n" + INDENT))
                          .orElseGet(() -> "(not JSON) " + HexFormat.of().formatHex(payload)));
      default -> { }
    }
  }

  /** The same JSON, written anew, so that nothing in it can move a terminal's writing. */
  private static Optional<String> json(byte[] payload, boolean pretty) {
    StringWriter text = new StringWriter();
    try (JsonParser parser = JSON.createParser(payload);
        JsonGenerator generator = JSON.createGenerator(text)) {
      generator.setHighestNonEscapedChar(0x7e);
      if (pretty) {
        generator.setPrettyPrinter(new DefaultPrettyPrinter());
      }
      if (parser.nextToken() == null) {
        return Optional.empty();
      }
      generator.copyCurrentStructure(parser);
      if (parser.nextToken() != null) {
        return Optional.empty();
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.of(text.toString());
  }

  private void messageJson(
      String topic,
      TopicWalk walk,
      Optional<SentMessage> sent,
      String problem,
      byte[] payload,
      int length) {
    SegmentScanner record = walk.record();
    new Json(terminal.out())
        .line(
            j -> {
              place(j, topic, walk, "message");
              j.writeNumberField("offset", record.offset());
              putTime(j, walk);
              j.writeNumberField("position", record.position());
              j.writeNumberField("length", record.length());
              j.writeNumberField("epoch", Integer.toUnsignedLong(record.writerEpoch()));
              j.writeStringField("crc", "ok");
              if (sent.isPresent()) {
                putMessage(j, sent.get());
              } else {
                j.writeStringField("problem", problem);
              }
              j.writeNumberField("payloadBytes", length);
              putPayload(j, payload);
            });
  }

  private static void putMessage(JsonGenerator j, SentMessage sent) throws IOException {
    if (sent.message().key().isPresent()) {
      j.writeStringField("key", sent.message().key().get());
    }
    if (sent.message().subject().isPresent()) {
      j.writeStringField("subject", sent.message().subject().get());
    }
    Json.object(j, "headers", sent.message().headers());
    if (sent.producer() != null) {
      j.writeStringField("producer", sent.producer());
    }
  }

  private void putPayload(JsonGenerator j, byte[] payload) throws IOException {
    if (form == PayloadForm.NONE) {
      return;
    }
    Optional<String> text = form == PayloadForm.HEX ? Optional.empty() : Text.utf8(payload);
    Optional<String> value =
        form == PayloadForm.JSON ? json(payload, false) : Optional.empty();
    if (value.isPresent()) {
      j.writeFieldName("payload");
      j.writeRawValue(value.get());
    } else if (text.isPresent()) {
      j.writeStringField("payload", text.get());
    } else {
      j.writeStringField("payloadHex", HexFormat.of().formatHex(payload));
    }
  }

  private void header(String topic, TopicWalk walk) {
    SegmentScanner record = walk.record();
    RecordType type = record.type();
    String name = type == null ? "unknown type" : type.name().toLowerCase(Locale.ROOT);
    long proof = record.durableProof();
    if (json) {
      new Json(terminal.out())
          .line(
              j -> {
                place(j, topic, walk, "record");
                j.writeStringField("record", name);
                j.writeNumberField("position", record.position());
                j.writeNumberField("length", record.length());
                j.writeStringField("crc32c", "%08x".formatted(record.crc()));
                j.writeStringField("crc", "ok");
                j.writeNumberField("flags", record.flags());
                j.writeNumberField("attributes", record.attributesLength());
                j.writeNumberField("epoch", Integer.toUnsignedLong(record.writerEpoch()));
                j.writeNumberField("offset", record.offset());
                j.writeNumberField("durableBelow", proof);
                putTime(j, walk);
              });
      return;
    }
    terminal
        .out()
        .println(
            "%s @ %d  %s  length %d  crc %08x ok  attributes %d  epoch %s  offset %d  %s"
                    .formatted(
                        walk.file().getFileName(),
                        record.position(),
                        name,
                        record.length(),
                        record.crc(),
                        record.attributesLength(),
                        Integer.toUnsignedString(record.writerEpoch()),
                        record.offset(),
                        time(walk))
                + "  durable below "
                + proof
                + (type == RecordType.BEGIN ? begin(record) : ""));
    if (form != PayloadForm.NONE) {
      terminal
          .out()
          .print(Text.hex(record.body(0, record.length() - RecordLayout.HEADER), INDENT));
    }
  }

  private static String begin(SegmentScanner record) {
    byte[] payload = record.body(0, record.length() - RecordLayout.HEADER);
    return SegmentBegin.read(payload, record.offset())
        .map(b -> "  segment %d of topic number %d".formatted(b.segment(), b.topic()))
        .orElse("");
  }

  private void broken(String topic, TopicWalk walk) {
    if (json) {
      new Json(terminal.out())
          .line(
              j -> {
                place(j, topic, walk, "broken");
                if (next >= 0) {
                  j.writeNumberField("offset", next);
                }
                j.writeNumberField("position", walk.brokenFrom());
                j.writeNumberField("endPosition", walk.brokenTo());
                j.writeStringField("crc", "BAD");
                j.writeStringField("problem", walk.problem());
              });
      return;
    }
    terminal
        .out()
        .println(
            "%s  BAD  %s @ %d to %d: %s"
                .formatted(
                    next < 0 ? "?" : String.valueOf(next),
                    walk.file().getFileName(),
                    walk.brokenFrom(),
                    walk.brokenTo(),
                    Text.safe(walk.problem())));
  }

  private static void place(JsonGenerator j, String topic, TopicWalk walk, String type)
      throws IOException {
    j.writeStringField("type", type);
    if (!topic.isEmpty()) {
      j.writeStringField("topic", topic);
    }
    j.writeStringField("file", walk.file().toString());
  }

  private static void putTime(JsonGenerator j, TopicWalk walk) throws IOException {
    if (walk.timestamp().isPresent()) {
      j.writeStringField("time", time(walk));
    }
  }

  private static String time(TopicWalk walk) {
    return walk.timestamp().isPresent() ? Text.time(walk.timestamp().getAsLong()) : "time unknown";
  }
}
