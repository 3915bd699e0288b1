package io.holdfast.tools.demo;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Map;

/** The summary of the demo as one JSON object. */
final class DemoJson {
  private DemoJson() {}

  static void put(
      JsonGenerator j, DemoPlan plan, DemoRecord record, DemoCheck check, double seconds)
      throws IOException {
    j.writeBooleanField("holds", check.holds());
    j.writeStringField("directory", plan.directory().toString());
    j.writeNumberField("messages", plan.total());
    j.writeArrayFieldStart("checks");
    for (DemoCheck.Outcome outcome : check.outcomes()) {
      j.writeStartObject();
      j.writeBooleanField("holds", outcome.holds());
      j.writeStringField("check", outcome.what());
      j.writeStringField("figures", outcome.figures());
      j.writeEndObject();
    }
    j.writeEndArray();
    j.writeNumberField("publishedPerSecond", Math.round(record.burstRate()));
    long[] latencies = record.latencies();
    if (latencies.length > 0) {
      j.writeObjectFieldStart("latencyMicros");
      j.writeNumberField("p50", DemoReport.percentile(latencies, 50));
      j.writeNumberField("p99", DemoReport.percentile(latencies, 99));
      j.writeNumberField("max", DemoReport.percentile(latencies, 100));
      j.writeEndObject();
    }
    j.writeNumberField("failures", record.group(DemoPlan.NOTIFY).failures());
    j.writeObjectFieldStart("deadLetters");
    for (Map.Entry<String, Long> cause : check.deadLetters().causes().entrySet()) {
      j.writeNumberField(cause.getKey(), cause.getValue());
    }
    j.writeEndObject();
    j.writeNumberField("redriven", record.redriven());
    j.writeNumberField("poisonDeaths", record.poison().deaths());
    j.writeNumberField("bytes", check.bytes());
    j.writeNumberField("seconds", seconds);
  }
}
