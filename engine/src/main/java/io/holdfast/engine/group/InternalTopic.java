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
import io.holdfast.storage.error.TopicExistsException;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A topic that the engine alone writes: a group's dead letters, or what is redriven of them. It is
 * made when it is first needed, as durable as the topic that it belongs to.
 *
 * <p>One thread at a time appends through this object. The topic itself may have several writers:
 * dead letters come from the topic that messages were sent to and from that of the redriven ones.
 * So the end of the topic is where a letter stands or before, never behind it.
 */
final class InternalTopic {
  private final Store store;
  private final String name;
  private final TopicSettings settings;
  private final boolean forces;
  private final AttributeWriter attributes;
  private RecordBatch batch; // made with the first message
  private volatile TopicLog found; // written by whoever looks first, read by anybody

  InternalTopic(Store store, TopicLog source, String name) {
    this.store = store;
    this.name = name;
    this.attributes = new AttributeWriter(store.clock());
    TopicSettings of = source.settings();
    // What the engine keeps beside them, such as a maxAge, is for what users send.
    this.settings =
        new TopicSettings(
            of.durability(), of.segmentSize(), of.maxMessageSize(), new TreeMap<>());
    this.forces = of.durability().forcesBeforeConfirming();
  }

  /**
   * Returns the offset that the next message gets, or one before it; 0 where the topic cannot say,
   * which makes open look through all of it.
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

  /** Returns the topic, which is made where there is none. */
  TopicLog make() {
    Optional<TopicLog> existing = log();
    if (existing.isEmpty()) {
      try {
        found = store.createTopic(name, settings);
      } catch (TopicExistsException e) { // by somebody else, in the meantime
        found = store.topic(name).orElseThrow(() -> e);
      }
    }
    return found;
  }

  /** Appends a message; when this returns it is as durable as the group's topic promises. */
  void write(Message message) {
    TopicLog log = make();
    if (batch == null) {
      batch = log.newBatch();
    }
    batch.clear();
    int length = attributes.write(message, null, AttributeLayout.MAX_BLOCK);
    byte[] payload = message.payload();
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
