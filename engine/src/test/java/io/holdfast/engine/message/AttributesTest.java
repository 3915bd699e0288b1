package io.holdfast.engine.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Message;
import io.holdfast.engine.error.UnsupportedMessageException;
import io.holdfast.storage.error.MessageTooLargeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Attribute blocks come back as they were, and what is not understood is refused. */
class AttributesTest {
  private static final byte[] PAYLOAD = {1, 2, 3};

  private final AttributeWriter writer = new AttributeWriter();

  private byte[] write(Message message, String producer) {
    int length = writer.write(message, producer, Message.MAX_ATTRIBUTE_BYTES);
    return Arrays.copyOf(writer.bytes(), length);
  }

  private static SentMessage read(byte[] block) {
    return AttributeReader.read(block, 0, block.length, PAYLOAD, "topic t at offset 7");
  }

  @Test
  void aBareMessageHasNoBlock() {
    assertEquals(0, write(Message.of(PAYLOAD), null).length);
    SentMessage read = read(new byte[0]);
    assertTrue(read.message().key().isEmpty());
    assertNull(read.producer());
  }

  @Test
  void everythingComesBackInItsOrder() {
    Message message =
        Message.builder(PAYLOAD)
            .key("K\u00e4se")
            .subject("orders.created")
            .header("z", "1")
            .header("a", "")
            .header("emoji", "\ud83d\ude00")
            .build();
    SentMessage read = read(write(message, "shop-1"));
    assertEquals(message.key(), read.message().key());
    assertEquals(message.subject(), read.message().subject());
    assertEquals(
        new ArrayList<>(message.headers().entrySet()),
        new ArrayList<>(read.message().headers().entrySet()));
    assertEquals("shop-1", read.producer());
    assertEquals(PAYLOAD, read.message().payload());
  }

  @Test
  void aTagThatMustBeUnderstoodIsRefused() {
    for (int tag : new int[] {0, 4, 5, 7, 8, 9, 127}) {
      byte[] block = {(byte) tag, 1, 0, 'x'};
      UnsupportedMessageException error =
          assertThrows(UnsupportedMessageException.class, () -> read(block), "tag " + tag);
      assertTrue(error.getMessage().contains("offset 7"), error.getMessage());
    }
  }

  @Test
  void aTagThatMayBeSkippedIsSkipped() {
    byte[] block = {(byte) 200, 2, 0, 'x', 'y', 1, 1, 0, 'k'};
    assertEquals("k", read(block).message().key().orElseThrow());
  }

  @Test
  void hostileBlocksAreRefusedAndNothingElseHappens() {
    long seed = System.nanoTime();
    System.out.println("AttributesTest seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    Message message = Message.builder(PAYLOAD).key("key").header("name", "value").build();
    byte[] good = write(message, "p");
    List<byte[]> blocks = new ArrayList<>();
    for (int length = 1; length < good.length; length++) {
      blocks.add(Arrays.copyOf(good, length));
    }
    for (int i = 0; i < 20_000; i++) {
      byte[] block = good.clone();
      block[random.nextInt(block.length)] = (byte) random.nextInt();
      block[random.nextInt(block.length)] = (byte) random.nextInt();
      blocks.add(block);
    }
    int refused = 0;
    for (byte[] block : blocks) {
      try {
        read(block);
      } catch (UnsupportedMessageException e) {
        refused++;
      }
    }
    assertTrue(refused > 1_000, "refused only " + refused);
  }

  @Test
  void limitsHoldBeforeAnythingIsWritten() {
    Message longKey = Message.builder(PAYLOAD).key("\u00e4".repeat(513)).build();
    assertThrows(MessageTooLargeException.class, () -> write(longKey, null));
    Message key = Message.builder(PAYLOAD).key("\u00e4".repeat(512)).build();
    assertEquals(key.key(), read(write(key, null)).message().key());
    int room = Message.MAX_ATTRIBUTE_BYTES - 3 - 2 - 1;
    Message most = Message.builder(PAYLOAD).header("h", "v".repeat(room)).build();
    assertEquals(most.headers(), read(write(most, "p")).message().headers());
    Message more = Message.builder(PAYLOAD).header("h", "v".repeat(room + 1)).build();
    assertThrows(MessageTooLargeException.class, () -> write(more, "p"));
  }

  @Test
  void textThatUtf8CannotHoldIsRefused() {
    Message.Builder builder = Message.builder(PAYLOAD);
    assertThrows(IllegalArgumentException.class, () -> builder.key("a\ud83d"));
    assertThrows(IllegalArgumentException.class, () -> builder.header("\ude00", "v"));
    assertThrows(IllegalArgumentException.class, () -> builder.key(""));
  }
}
