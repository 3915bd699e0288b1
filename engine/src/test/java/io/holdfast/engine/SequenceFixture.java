package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Messages with sequences and ids, and what a topic has of them. */
final class SequenceFixture {
  private SequenceFixture() {}

  static Message numbered(long sequence) {
    return Message.builder(payload("m" + sequence)).sequence(sequence).build();
  }

  /** One that fills files. */
  static Message large(long sequence) {
    return Message.builder(new byte[4_000]).sequence(sequence).build();
  }

  static Message identified(String id) {
    return Message.builder(payload(id)).dedupId(id).build();
  }

  private static byte[] payload(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static void isNew(Receipt receipt, long offset) {
    assertFalse(receipt.isDuplicate(), receipt::toString);
    assertEquals(offset, receipt.offset());
  }

  static void isDuplicate(Receipt receipt, long offset) {
    assertTrue(receipt.isDuplicate(), receipt::toString);
    assertEquals(offset, receipt.offset());
  }

  /** The payloads of all messages. */
  static List<String> content(Topic topic) {
    List<String> texts = new ArrayList<>();
    try (Reader reader = topic.reader(StartAt.earliest())) {
      MessageHandler handler =
          view -> texts.add(new String(view.toMessage().payload(), StandardCharsets.UTF_8));
      while (reader.poll(handler, 99) > 0) {
        // to the end
      }
    }
    return texts;
  }
}
