package io.holdfast.tools;

import io.holdfast.engine.Engine;
import io.holdfast.engine.GroupStats;
import io.holdfast.engine.Message;
import io.holdfast.engine.MessageHandler;
import io.holdfast.engine.MessageView;
import io.holdfast.engine.Reader;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.Topic;
import io.holdfast.engine.check.GroupView;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** Everything that a store says of itself through the API, one line for each thing. */
final class FormatListing {
  private final StringBuilder text = new StringBuilder();

  private FormatListing() {}

  /** Opens the store and lists it. */
  static String of(Path store) {
    FormatListing listing = new FormatListing();
    try (Engine engine = Engine.open(store, ToolStore.noon())) {
      for (String name : engine.topics()) {
        listing.topic(engine.topic(name));
      }
      for (String name : engine.groups()) {
        for (GroupStats stats : engine.group(name).lag()) {
          listing.line("group %s %s %s", name, known(engine.group(name).config()), known(stats));
        }
      }
    }
    return listing.text.toString();
  }

  /** The state of its groups, as it is seen from outside. */
  static String groups(Path store) {
    FormatListing listing = new FormatListing();
    List<GroupView> views = GroupView.of(store);
    views.forEach(view -> listing.line("%s", known(view).replace(", lost=0", "")));
    return listing.text.toString();
  }

  /** Without fields that came later than the first format, where they say nothing. */
  private static String known(Object fields) {
    return fields
        .toString()
        .replace(", expireAfter=never", "")
        .replace(", onFull=block:PT20S", "")
        .replace(", retention=untilConsumed", "")
        .replace(", whenNoGroup=KEEP", "")
        .replaceAll(", (expired|dropped|cancelled|skipped)=0|, oldest=Optional[^,]*(?=])", "");
  }

  private void topic(Topic topic) {
    line(
        "topic %s number %d %s offsets %d to %d",
        topic.name(),
        topic.number(),
        known(topic.config()).replace('{', '[').replace('}', ']'),
        topic.firstOffset(),
        topic.endOffset());
    try (Reader reader = topic.reader(StartAt.earliest())) {
      MessageHandler handler =
          new MessageHandler() {
            @Override
            public void onMessage(MessageView view) {
              message(topic.name(), view);
            }

            @Override
            public void onGap(long from, long to) {
              line("%s gap %d to %d", topic.name(), from, to);
            }
          };
      while (reader.poll(handler, 100) > 0) {
        // to the end
      }
    }
  }

  private void message(String topic, MessageView view) {
    Message message = view.toMessage();
    CRC32C crc = new CRC32C();
    crc.update(message.payload());
    Map<String, String> headers = new TreeMap<>(message.headers());
    line(
        "%s %d %s key %s subject %s producer %s headers %s payload %d bytes %08x",
        topic,
        view.offset(),
        view.timestamp(),
        message.key().orElse("none"),
        message.subject().orElse("none"),
        view.producer().orElse("none"),
        headers,
        message.payload().length,
        crc.getValue());
  }

  private void line(String format, Object... values) {
    text.append(format.formatted(values).replaceAll("[\r\n]", "?")).append('\n');
  }
}
