package io.holdfast.tools;

import com.fasterxml.jackson.core.JsonGenerator;
import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.check.VerifyReport;
import java.io.IOException;
import java.util.Locale;

/** What a check found, as JSON: objects of type finding, topic, and one summary at the end. */
final class VerifyJson {
  private VerifyJson() {}

  static void put(JsonGenerator json, String topic, Finding finding) throws IOException {
    json.writeStringField("type", "finding");
    if (!topic.isEmpty()) {
      json.writeStringField("topic", topic);
    }
    json.writeStringField("severity", name(finding.severity()));
    json.writeStringField("file", finding.file().toString());
    json.writeNumberField("position", finding.position());
    json.writeNumberField("endPosition", finding.endPosition());
    if (finding.offset() >= 0) {
      json.writeNumberField("offset", finding.offset());
      json.writeNumberField("endOffset", finding.endOffset());
    }
    json.writeStringField("problem", finding.problem());
    json.writeStringField("help", finding.help());
  }

  static void put(JsonGenerator json, TopicReport topic) throws IOException {
    json.writeStringField("type", "topic");
    json.writeStringField("topic", topic.name());
    json.writeStringField("state", name(topic.state()));
    json.writeNumberField("segments", topic.segments());
    json.writeNumberField("firstOffset", topic.firstOffset());
    json.writeNumberField("goodEnd", topic.goodEnd());
    json.writeNumberField("endOffset", topic.endOffset());
    json.writeNumberField("durableOffset", topic.durableOffset());
    json.writeNumberField("records", topic.records());
    json.writeNumberField("bytes", topic.bytes());
    json.writeNumberField("findings", topic.findings().size() + topic.unlisted());
  }

  static void put(JsonGenerator json, VerifyReport report, boolean damaged)
      throws IOException {
    json.writeStringField("type", "summary");
    json.writeBooleanField("damaged", damaged);
    json.writeBooleanField("live", report.live());
    json.writeNumberField("topics", report.topics().size());
    json.writeNumberField("records", report.topics().stream().mapToLong(t -> t.records()).sum());
    json.writeNumberField("bytes", report.topics().stream().mapToLong(t -> t.bytes()).sum());
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
