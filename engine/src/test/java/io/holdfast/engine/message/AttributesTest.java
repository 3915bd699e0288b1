package io.holdfast.engine.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Message;
import io.holdfast.engine.error.UnsupportedMessageException;
import io.holdfast.storage.error.MessageTooLargeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Attribute blocks come back as they were, and what is not understood is refused. */
class AttributesTest {
  private static final byte[] PAYLOAD = {1, 2, 3};
  private static final long NOW = 1_700_000_000_000L;

  private final AttributeWriter writer = new AttributeWriter(() -> NOW);

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
    for (int tag : new int[] {0, 7, 9, 127}) {
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
    Message message =
        Message.builder(PAYLOAD)
            .key("key")
            .header("name", "value")
            .delay(Duration.ofDays(1))
            .timeToLive(Duration.ofDays(1))
            .build();
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
        SentMessage read = read(block);
        assertEquals(
            read.message().deliverAt().map(Instant::toEpochMilli).orElse(0L),
            time(block, AttributeLayout.DELIVER_AT, 0));
      } catch (UnsupportedMessageException e) {
        refused++;
      }
    }
    assertTrue(refused > 1_000, "refused only " + refused);
  }

  private static long time(byte[] block, int tag, long none) {
    return AttributeReader.time(block, 0, block.length, tag, none);
  }

  private static long deliverAt(Message message) {
    return message.deliverAt().orElseThrow().toEpochMilli();
  }

  private static long expiresAt(Message message) {
    return message.expiresAt().orElseThrow().toEpochMilli();
  }

  @Test
  void timesComeBackAndMayBeReadAlone() {
    Message message =
        Message.builder(PAYLOAD)
            .key("k")
            .deliverAt(Instant.ofEpochMilli(NOW + 5))
            .expiresAt(Instant.ofEpochMilli(NOW + 9))
            .build();
    byte[] block = write(message, "p");
    assertEquals(message.deliverAt(), read(block).message().deliverAt());
    assertEquals(message.expiresAt(), read(block).message().expiresAt());
    assertEquals(NOW + 5, time(block, AttributeLayout.DELIVER_AT, 0));
    assertEquals(NOW + 9, time(block, AttributeLayout.EXPIRES_AT, Long.MAX_VALUE));
    byte[] none = write(Message.builder(PAYLOAD).key("k").build(), "p");
    assertEquals(0, time(none, AttributeLayout.DELIVER_AT, 0));
    assertEquals(Long.MAX_VALUE, time(none, AttributeLayout.EXPIRES_AT, Long.MAX_VALUE));
    assertTrue(read(none).message().expiresAt().isEmpty());
  }

  @Test
  void whatCountsFromTheSendingIsWrittenAsATime() {
    Message message =
        Message.builder(PAYLOAD)
            .delay(Duration.ofSeconds(1))
            .timeToLive(Duration.ofSeconds(2))
            .build();
    assertTrue(message.deliverAt().isEmpty() && message.expiresAt().isEmpty());
    Message read = read(write(message, null)).message();
    assertEquals(NOW + 1_000, deliverAt(read));
    assertEquals(NOW + 3_000, expiresAt(read), "the life begins when the delay is over");
    assertTrue(read.delay().isEmpty() && read.timeToLive().isEmpty());
    Message.Builder past = Message.builder(PAYLOAD).deliverAt(Instant.ofEpochMilli(7));
    Message late = past.timeToLive(Duration.ofSeconds(2)).build();
    assertEquals(NOW + 2_000, expiresAt(read(write(late, null)).message()));
    Message atOnce = Message.builder(PAYLOAD).delay(Duration.ZERO).build();
    assertEquals(0, write(atOnce, null).length);
    Message last = Message.builder(PAYLOAD).timeToLive(Duration.ofDays(365_000)).build();
    AttributeWriter atTheEnd = new AttributeWriter(() -> AttributeLayout.LAST_TIME - 1);
    int length = atTheEnd.write(last, null, 0);
    byte[] block = Arrays.copyOf(atTheEnd.bytes(), length);
    assertEquals(AttributeLayout.LAST_TIME, expiresAt(read(block).message()));
  }

  @Test
  void theLaterOfTwoTimesCounts() {
    Message.Builder builder = Message.builder(PAYLOAD);
    Instant time = Instant.ofEpochMilli(NOW);
    Message absolute =
        builder
            .delay(Duration.ofDays(1))
            .deliverAt(time)
            .timeToLive(Duration.ofDays(1))
            .expiresAt(time)
            .build();
    assertTrue(absolute.delay().isEmpty() && absolute.timeToLive().isEmpty());
    assertEquals(NOW, deliverAt(absolute));
    Message relative = builder.delay(Duration.ofDays(1)).timeToLive(Duration.ofDays(1)).build();
    assertTrue(relative.deliverAt().isEmpty() && relative.expiresAt().isEmpty());
    assertEquals(Duration.ofDays(1), relative.timeToLive().orElseThrow());
  }

  @Test
  void aPartOfAMillisecondMakesNothingEarlierAndNothingLonger() {
    Instant time = Instant.ofEpochMilli(NOW).plusNanos(1);
    Message message = Message.builder(PAYLOAD).deliverAt(time).expiresAt(time).build();
    assertEquals(NOW + 1, deliverAt(message));
    assertEquals(NOW, expiresAt(message));
  }

  @Test
  void timesOutOfTheirRangeAreRefused() {
    Message.Builder builder = Message.builder(PAYLOAD);
    assertThrows(IllegalArgumentException.class, () -> builder.deliverAt(Instant.EPOCH));
    assertThrows(IllegalArgumentException.class, () -> builder.expiresAt(Instant.MAX));
    assertThrows(IllegalArgumentException.class, () -> builder.delay(Duration.ofMillis(-1)));
    assertThrows(IllegalArgumentException.class, () -> builder.delay(Duration.ofDays(365_001)));
    assertThrows(IllegalArgumentException.class, () -> builder.timeToLive(Duration.ZERO));
    byte[] zero = {AttributeLayout.EXPIRES_AT, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    assertThrows(UnsupportedMessageException.class, () -> read(zero));
    byte[] swapped = new byte[22];
    swapped[0] = AttributeLayout.EXPIRES_AT;
    swapped[11] = AttributeLayout.DELIVER_AT;
    swapped[1] = swapped[12] = 8;
    swapped[3] = swapped[14] = 1;
    assertThrows(UnsupportedMessageException.class, () -> read(swapped));
    byte[] behind = {AttributeLayout.KEY, 1, 0, 'k', 5, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    assertThrows(UnsupportedMessageException.class, () -> read(behind));
    byte[] small = {AttributeLayout.DELIVER_AT, 4, 0, 1, 1, 1, 1};
    assertThrows(UnsupportedMessageException.class, () -> read(small));
    assertEquals(-1, time(small, AttributeLayout.DELIVER_AT, -1));
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
