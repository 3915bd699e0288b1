package io.holdfast.engine.group;

import io.holdfast.engine.Message;
import io.holdfast.engine.message.AttributeLayout;
import io.holdfast.engine.message.AttributeWriter;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.error.StorePoisonedException;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The topic {@code <topic>.<group>.dlq} that takes a group's dead letters; it is made with the
 * first one. Only {@link DeadLetters} of that group and topic writes to it, one letter at a time.
 */
final class DeadLetterTopic {
  private static final String SUFFIX = ".dlq";

  private final Store store;
  private final String name;
  private final TopicSettings settings;
  private final boolean forces;
  private final AttributeWriter attributes = new AttributeWriter();
  private RecordBatch batch; // made with the first letter
  private volatile TopicLog found; // written by whoever looks first, read by anybody

  DeadLetterTopic(Store store, TopicLog source, String group) {
    this.store = store;
    this.name = source.name() + "." + group + SUFFIX;
    TopicSettings of = source.settings();
    this.settings =
        new TopicSettings(
            of.durability(), of.segmentSize(), of.maxMessageSize(), new TreeMap<>(of.extra()));
    this.forces = of.durability().forcesBeforeConfirming();
  }

  /** Whether a topic holds dead letters; what dies there is parked. */
  static boolean isName(String topic) {
    return topic.endsWith(SUFFIX);
  }

  /**
   * Returns the offset that the next letter gets; 0 where the topic cannot say, which makes open
   * look through all of it.
   */
  long end() {
    try {
      return log().map(TopicLog::endOffset).orElse(0L);
    } catch (DamagedTopicException | StorePoisonedException e) { // whoever writes to it is told
      return 0;
    }
  }

  /** Returns the topic if it was made. */
  Optional<TopicLog> log() {
    if (found == null) {
      found = store.topic(name).orElse(null);
    }
    return Optional.ofNullable(found);
  }

  /** Appends a letter; when this returns it is as durable as the group's topic promises. */
  void write(Message letter) {
    TopicLog log = log().orElseGet(() -> store.createTopic(name, settings));
    found = log;
    if (batch == null) {
      batch = log.newBatch();
    }
    batch.clear();
    int length = attributes.write(letter, null, AttributeLayout.MAX_BLOCK);
    byte[] payload = letter.payload();
    batch.add(attributes.bytes(), length, payload, 0, payload.length);
    log.appendReserved(batch); // a full disk must not keep a message from its end
    if (forces) {
      log.force(batch.firstOffset() + 1);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
