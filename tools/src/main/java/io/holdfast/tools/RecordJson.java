package io.holdfast.tools;

import com.fasterxml.jackson.core.JsonGenerator;
import io.holdfast.engine.Message;
import io.holdfast.engine.message.SentMessage;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.format.RecordType;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** Records as JSON: objects of type message, record, broken or gap. */
final class RecordJson implements RecordForm {
  private final Json lines;
  private final String topic;
  private final PayloadForm payloads;

  RecordJson(PrintStream out, String topic, PayloadForm payloads) {
    this.lines = new Json(out);
    this.topic = topic;
    this.payloads = payloads;
  }

  @Override
  public void message(
      TopicWalk walk, Optional<SentMessage> sent, String problem, byte[] payload, int length) {
    SegmentScanner record = walk.record();
    lines.line(
        j -> {
          place(j, walk, "message");
          j.writeNumberField("offset", record.offset());
          time(j, walk);
          j.writeNumberField("position", record.position());
          j.writeNumberField("length", record.length());
          j.writeNumberField("epoch", Integer.toUnsignedLong(record.writerEpoch()));
          j.writeStringField("crc", "ok");
          if (sent.isPresent()) {
            attributes(j, sent.get());
          } else {
            j.writeStringField("problem", problem);
          }
          j.writeNumberField("payloadBytes", length);
          payload(j, payload);
        });
  }

  private static void attributes(JsonGenerator j, SentMessage sent) throws IOException {
    Message message = sent.message();
    if (message.key().isPresent()) {
      j.writeStringField("key", message.key().get());
    }
    if (message.subject().isPresent()) {
      j.writeStringField("subject", message.subject().get());
    }
    Json.times(j, message);
    Json.object(j, "headers", message.headers());
    if (message.dedupId().isPresent()) {
      j.writeStringField("dedupId", message.dedupId().get());
    }
    if (message.sequence().isPresent()) {
      j.writeNumberField("sequence", message.sequence().getAsLong());
    }
    if (sent.producer() != null) {
      j.writeStringField("producer", sent.producer());
    }
  }

  private void payload(JsonGenerator j, byte[] payload) throws IOException {
    if (payloads == PayloadForm.NONE) {
      return;
    }
    Optional<String> value =
        payloads == PayloadForm.JSON ? JsonText.of(payload, false) : Optional.empty();
    Optional<String> text =
        payloads == PayloadForm.HEX ? Optional.empty() : Text.utf8(payload);
    if (value.isPresent()) {
      j.writeFieldName("payload");
      j.writeRawValue(value.get());
    } else if (text.isPresent()) {
      j.writeStringField("payload", text.get());
    } else {
      j.writeStringField("payloadHex", HexFormat.of().formatHex(payload));
    }
  }

  @Override
  public void header(TopicWalk walk) {
    SegmentScanner record = walk.record();
    RecordType type = record.type();
    lines.line(
        j -> {
          place(j, walk, "record");
          j.writeStringField(
              "record", type == null ? "unknown" : type.name().toLowerCase(Locale.ROOT));
          j.writeNumberField("position", record.position());
          j.writeNumberField("length", record.length());
          j.writeStringField("crc32c", "%08x".formatted(record.crc()));
          j.writeStringField("crc", "ok");
          j.writeNumberField("flags", record.flags());
          j.writeNumberField("attributes", record.attributesLength());
          j.writeNumberField("epoch", Integer.toUnsignedLong(record.writerEpoch()));
          j.writeNumberField("offset", record.offset());
          j.writeNumberField("durableBelow", record.durableProof());
          time(j, walk);
        });
  }

  @Override
  public void broken(TopicWalk walk) {
    long offset = walk.expectedOffset();
    lines.line(
        j -> {
          place(j, walk, "broken");
          if (offset >= 0) {
            j.writeNumberField("offset", offset);
          }
          j.writeNumberField("position", walk.brokenFrom());
          j.writeNumberField("endPosition", walk.brokenTo());
          j.writeStringField("crc", "BAD");
          j.writeStringField("problem", walk.problem());
        });
  }

  @Override
  public void gap(TopicWalk walk) {
    lines.line(
        j -> {
          place(j, walk, "gap");
          j.writeNumberField("offset", walk.gapFrom());
          j.writeNumberField("endOffset", walk.gapTo());
        });
  }

  private void place(JsonGenerator j, TopicWalk walk, String type) throws IOException {
    j.writeStringField("type", type);
    if (!topic.isEmpty()) {
      j.writeStringField("topic", topic);
    }
    j.writeStringField("file", walk.file().toString());
  }

  private static void time(JsonGenerator j, TopicWalk walk) throws IOException {
    if (walk.timestamp().isPresent()) {
      j.writeStringField("time", Text.time(walk.timestamp().getAsLong()));
    }
  }
}
