package io.holdfast.tools;

import io.holdfast.engine.Message;
import io.holdfast.engine.message.SentMessage;
import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import java.io.PrintStream;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** Records for people: one a line, its payload on the lines below it. */
final class RecordText implements RecordForm {
  private static final String INDENT = "    ";

  private final PrintStream out;
  private final PayloadForm payloads;

  RecordText(PrintStream out, PayloadForm payloads) {
    this.out = out;
    this.payloads = payloads;
  }

  @Override
  public void message(
      TopicWalk walk, Optional<SentMessage> sent, String problem, byte[] payload, int length) {
    SegmentScanner record = walk.record();
    StringBuilder line = new StringBuilder();
    line.append(record.offset()).append("  ").append(time(walk));
    line.append("  ").append(walk.file().getFileName()).append(" @ ").append(record.position());
    line.append("  length ").append(record.length());
    line.append("  epoch ").append(Integer.toUnsignedString(record.writerEpoch()));
    line.append("  crc ok  payload ").append(length);
    sent.ifPresent(s -> attributes(line, s));
    if (!problem.isEmpty()) {
      line.append("  ").append(Text.safe(problem));
    }
    out.println(line);
    payload(payload);
  }

  private static void attributes(StringBuilder line, SentMessage sent) {
    Message message = sent.message();
    message.key().ifPresent(key -> line.append("  key=").append(Text.safe(key)));
    message.subject().ifPresent(s -> line.append("  subject=").append(Text.safe(s)));
    message.deliverAt().ifPresent(t -> line.append("  deliverAt=").append(time(t)));
    message.expiresAt().ifPresent(t -> line.append("  expiresAt=").append(time(t)));
    message
        .headers()
        .forEach(
            (name, value) ->
                line.append("  ").append(Text.safe(name)).append('=').append(Text.safe(value)));
    message.dedupId().ifPresent(id -> line.append("  dedupId=").append(Text.safe(id)));
    message.sequence().ifPresent(number -> line.append("  sequence=").append(number));
    if (sent.producer() != null) {
      line.append("  producer=").append(Text.safe(sent.producer()));
    }
  }

  private void payload(byte[] payload) {
    switch (payloads) {
      case TEXT ->
          out.println(
              INDENT + Text.utf8(payload).map(Text::safe).orElseGet(() -> not("UTF-8", payload)));
      case HEX -> out.print(Text.hex(payload, INDENT));
      case JSON ->
          out.println(
              INDENT
                  + JsonText.of(payload, true)
                      .map(text -> text.replace("\n", "\n" + INDENT))
                      .orElseGet(() -> not("JSON", payload)));
      default -> { }
    }
  }

  private static String not(String what, byte[] payload) {
    return "(not " + what + ") " + HexFormat.of().formatHex(payload);
  }

  private static String table(SegmentBegin begin) {
    return begin
        .table()
        .map(table -> "  sequences of " + Text.count(table.entries(), "producer"))
        .orElse("");
  }

  @Override
  public void header(TopicWalk walk) {
    SegmentScanner record = walk.record();
    RecordType type = record.type();
    String name = type == null ? "unknown type" : type.name().toLowerCase(Locale.ROOT);
    StringBuilder line = new StringBuilder();
    line.append(walk.file().getFileName()).append(" @ ").append(record.position());
    line.append("  ").append(name).append("  length ").append(record.length());
    line.append("  crc %08x ok".formatted(record.crc()));
    line.append("  attributes ").append(record.attributesLength());
    line.append("  epoch ").append(Integer.toUnsignedString(record.writerEpoch()));
    line.append("  offset ").append(record.offset()).append("  ").append(time(walk));
    line.append("  durable below ").append(record.durableProof());
    byte[] body = new byte[0];
    if (type == RecordType.BEGIN || payloads != PayloadForm.NONE) {
      body = record.body(0, record.length() - RecordLayout.HEADER);
    }
    if (type == RecordType.BEGIN) {
      SegmentBegin.read(body, record.offset())
          .map(b -> "  segment %d of topic number %d%s%s"
              .formatted(b.segment(), b.topic(), b.gap() ? "  gap before it" : "", table(b)))
          .ifPresent(line::append);
    }
    out.println(line);
    if (payloads != PayloadForm.NONE) {
      out.print(Text.hex(body, INDENT));
    }
  }

  @Override
  public void broken(TopicWalk walk) {
    long offset = walk.expectedOffset();
    out.println(
        "%s  BAD  %s @ %d to %d: %s"
            .formatted(
                offset < 0 ? "?" : String.valueOf(offset),
                walk.file().getFileName(),
                walk.brokenFrom(),
                walk.brokenTo(),
                Text.safe(walk.problem())));
  }

  @Override
  public void gap(TopicWalk walk) {
    out.println(
        "%d  GAP  up to %d: lost, and salvaged without them"
            .formatted(walk.gapFrom(), walk.gapTo() - 1));
  }

  private static String time(Instant time) {
    return Text.time(time.toEpochMilli());
  }

  private static String time(TopicWalk walk) {
    return walk.timestamp().isPresent() ? Text.time(walk.timestamp().getAsLong()) : "time unknown";
  }
}
