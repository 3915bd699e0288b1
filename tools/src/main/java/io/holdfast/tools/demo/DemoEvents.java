package io.holdfast.tools.demo;

import io.holdfast.engine.Message;
import io.holdfast.tools.KeyField;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The webhook events that the demo publishes, over and over. Immutable. */
final class DemoEvents {
  private static final String RESOURCE = "webhooks.ndjson";
  private static final KeyField SUBJECT = new KeyField("subject");
  private static final KeyField REPOSITORY = new KeyField("data.repository.full_name");
  private static final KeyField ORGANISATION = new KeyField("data.organization.login");

  /** One event: what it is about, whose it is, and its JSON. */
  record Event(String subject, Optional<String> key, byte[] json) {}

  private final List<Event> events = new ArrayList<>();

  private DemoEvents() {}

  static DemoEvents load() {
    DemoEvents loaded = new DemoEvents();
    try (InputStream in = DemoEvents.class.getResourceAsStream(RESOURCE);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        byte[] json = line.getBytes(StandardCharsets.UTF_8);
        Optional<String> key = REPOSITORY.of(json).or(() -> ORGANISATION.of(json));
        loaded.events.add(new Event(SUBJECT.of(json).orElseThrow(), key, json));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return loaded;
  }

  /** How many different ones there are. */
  int size() {
    return events.size();
  }

  /** The event of a number; numbers begin at 0 and go round. */
  Event get(long number) {
    return events.get((int) (number % events.size()));
  }

  /** The message that an event is published as. */
  Message message(long number) {
    Event event = get(number);
    Message.Builder message =
        Message.builder(event.json())
            .subject(event.subject())
            .header("event-number", Long.toString(number));
    event.key().ifPresent(message::key);
    return message.build();
  }

  /** Bytes of the payloads of events 0 to a number, without it. */
  long bytes(long count) {
    long bytes = 0;
    for (long number = 0; number < count; number++) {
      bytes += get(number).json().length;
    }
    return bytes;
  }
}
