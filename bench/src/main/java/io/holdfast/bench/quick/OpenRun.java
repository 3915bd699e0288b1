package io.holdfast.bench.quick;

import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Opens a store whose process was killed, in a JVM that has done nothing else, and leaves it open
 * to be killed again, with one message more.
 *
 * <p>Arguments: payload, messages (least that each topic must hold). Figures: openMillis,
 * heldMessages.
 */
final class OpenRun implements Workload {
  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures) {
    long start = System.nanoTime();
    Store store = Store.open(directory.resolve("store"));
    figures.put("openMillis", (System.nanoTime() - start) / 1e6);
    long least = arguments.get("messages");
    long held = 0;
    for (String name : store.topicNames()) {
      TopicLog topic = store.topic(name).orElseThrow();
      held += topic.endOffset();
      if (topic.endOffset() < least) {
        figures.fault(
            "topic %s: expected at least %d messages after the kill, found %d"
                .formatted(name, least, topic.endOffset()));
      }
    }
    figures.put("heldMessages", held);
    TopicLog first = store.topic(store.topicNames().get(0)).orElseThrow();
    checkLast(first, arguments.getInt("payload"), least - 1, figures);
    RecordBatch batch = first.newBatch();
    byte[] payload = new Stamp(arguments.getInt("payload"), 0).number(least);
    batch.add(OursContender.NO_ATTRIBUTES, 0, payload, 0, payload.length);
    first.append(batch);
  }

  private static void checkLast(TopicLog topic, int payload, long last, Figures figures) {
    try (var reader = topic.reader(last)) {
      UnsafeBuffer buffer = new UnsafeBuffer(OursContender.NO_ATTRIBUTES);
      reader.poll(
          record -> {
            buffer.wrap(record.array());
            int at = record.payloadOffset();
            if (Stamp.sequence(buffer, at, record.payloadLength(), payload) != last) {
              figures.fault("the last message before the kill is not the one that was sent");
            }
          },
          1);
    }
  }
}
