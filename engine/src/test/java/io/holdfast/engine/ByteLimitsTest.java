package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.TopicFullException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.Store;
import io.holdfast.storage.StoreConfig;
import io.holdfast.storage.TopicSettings;
import io.holdfast.storage.error.DamagedTopicException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a send does when a topic has as many bytes as it may have. */
class ByteLimitsTest extends LimitsFixture {
  @Test
  void bytesBoundTheFilesAndAckedOnesMakeRoom() {
    long most = 2 << 20;
    Topic topic =
        engine.topic("t", small().maxBytes(most).onFull(OnFull.block(LONG)).build());
    Group group = topic.group("g", DEFAULTS);
    int count = 3_000;
    Thread sender =
        new Thread(
            () -> {
              try (Producer producer = producer(topic)) {
                for (int i = 0; i < count; i++) {
                  producer.send(Message.of(new byte[4_000]));
                }
              }
            });
    sender.start();
    int acked = 0;
    while (acked < count) {
      assertTrue(topic.log().files().bytes() <= most);
      acked += ack(group, 100);
    }
    assertEquals(count, topic.endOffset());
    assertEquals(0, group.lag().get(0).dropped());
  }

  @Test
  void bytesAreRefusedBeforeAnythingIsWritten() {
    long most = 2 << 20;
    Topic topic = engine.topic("t", small().maxBytes(most).onFull(OnFull.reject()).build());
    topic.group("g", DEFAULTS);
    int sent = 0;
    try (Producer producer = producer(topic)) {
      TopicFullException full = null;
      while (full == null) {
        try {
          producer.send(Message.of(new byte[4_000]));
          sent++;
        } catch (TopicFullException e) {
          full = e;
        }
      }
      assertTrue(full.getMessage().contains("maxBytes, " + most), full.getMessage());
    }
    assertEquals(sent, topic.endOffset());
    assertTrue(sent * 4_000L > most * 3 / 4);
  }

  @Test
  void limitsAreStoredAndChecked() {
    TopicConfig limited =
        small().maxMessages(7).maxBytes(64 << 20).onFull(OnFull.block(SHORT)).build();
    assertEquals(limited, TopicConfig.of(limited.settings()));
    for (OnFull onFull : List.of(OnFull.block(), OnFull.reject(), OnFull.dropOldest())) {
      assertEquals(onFull, OnFull.parse(onFull.toString()));
    }
    for (String text : List.of("wait", "waits:PT5S", "delay:PT5S", "rejectPT5S", "block:5")) {
      assertThrows(IllegalArgumentException.class, () -> OnFull.parse(text), text);
    }
    assertThrows(IllegalArgumentException.class, () -> small().maxMessages(0));
    String told =
        assertThrows(IllegalArgumentException.class, () -> small().maxBytes(1_000_000).build())
            .getMessage();
    assertTrue(told.contains("maxBytes is at least 1097728"), told);
  }

  @Test
  void aTopicWhoseConfigurationMakesNoSenseIsRefusedAlone() {
    topic(small().maxMessages(7));
    close();
    try (Store storage = Store.open(store, new StoreConfig(clock))) {
      for (Map.Entry<String, String> extra :
          Map.of("retention", "sometimes", "maxAge", "old", "maxMessages", "0").entrySet()) {
        storage.createTopic(
            extra.getKey(),
            new TopicSettings(
                Durability.processCrash(), 1 << 20, 4_096, new TreeMap<>(Map.ofEntries(extra))));
      }
    }
    open();
    for (String name : List.of("retention", "maxAge", "maxMessages")) {
      assertThrows(DamagedTopicException.class, () -> producer(engine.topic(name)), name);
    }
    send(producer(engine.topic("t")), 7);
  }
}
