package io.holdfast.engine.message;

import static io.holdfast.engine.message.AttributeLayout.ENTRY;
import static io.holdfast.engine.message.AttributeLayout.HEADER_NAME;

import io.holdfast.engine.Message;
import io.holdfast.storage.error.MessageTooLargeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.agrona.concurrent.EpochClock;

/**
 * Writes attribute blocks, one at a time, into an array that it uses again. One thread at a time.
 */
public final class AttributeWriter {
  private final EpochClock clock; // asked only where a message has a time that counts from now
  private byte[] bytes = new byte[256];
  private int length;
  private long expiresAt;

  /**
   * Makes a writer.
   *
   * @param clock epoch milliseconds, which delays and times to live count from
   */
  public AttributeWriter(EpochClock clock) {
    this.clock = clock;
  }

  /**
   * Writes the block of a message.
   *
   * @param message what a user sends
   * @param producer ASCII, or null
   * @param limit most bytes the block may have, without the producer, the dedupId and the times
   * @return bytes of the block, which begins at index 0 of {@link #bytes()}
   * @throws MessageTooLargeException when key or block are over their limit
   */
  public int write(Message message, String producer, int limit) {
    length = 0;
    expiresAt = Long.MAX_VALUE;
    times(message);
    writeRest(message, producer, Math.min(limit + length, AttributeLayout.MAX_BLOCK));
    return length;
  }

  /**
   * Adds to the last block that its message belongs to a transaction.
   *
   * @param id of the transaction
   * @param number of the message in it
   * @return bytes of the block now
   * @throws MessageTooLargeException when there is no room
   */
  public int addTransaction(long id, int number) {
    begin(
        AttributeLayout.TRANSACTION,
        AttributeLayout.TRANSACTION_LENGTH,
        AttributeLayout.MAX_BLOCK);
    putLong(id);
    putShort(number);
    putShort(number >>> Short.SIZE);
    return length;
  }

  private void writeRest(Message message, String producer, int limit) {
    if (message.key().isPresent()) {
      byte[] key = utf8(message.key().get());
      if (key.length > Message.MAX_KEY_BYTES) {
        throw new MessageTooLargeException(
            "the key has " + key.length + " bytes of UTF-8, the limit is " + Message.MAX_KEY_BYTES
                + "; nothing was written");
      }
      entry(AttributeLayout.KEY, key, limit);
    }
    if (message.subject().isPresent()) {
      entry(AttributeLayout.SUBJECT, utf8(message.subject().get()), limit);
    }
    for (Map.Entry<String, String> header : message.headers().entrySet()) {
      header(header.getKey(), header.getValue(), limit);
    }
    if (message.dedupId().isPresent()) {
      entry(AttributeLayout.DEDUP_ID, utf8(message.dedupId().get()), AttributeLayout.MAX_BLOCK);
    }
    if (producer != null) {
      producer(producer, message.sequence().orElse(AttributeLayout.NO_SEQUENCE));
    }
  }

  /**
   * Returns when the message of the last block expires.
   *
   * @return epoch milliseconds; the end of time where it does not
   */
  public long expiresAt() {
    return expiresAt;
  }

  /**
   * Returns the array that holds the last block.
   *
   * @return may be replaced by the next write
   */
  public byte[] bytes() {
    return bytes;
  }

  private void entry(int tag, byte[] value, int limit) {
    begin(tag, value.length, limit);
    put(value);
  }

  private void header(String name, String value, int limit) {
    byte[] nameBytes = utf8(name);
    byte[] valueBytes = utf8(value);
    begin(AttributeLayout.HEADER, HEADER_NAME + nameBytes.length + valueBytes.length, limit);
    putShort(nameBytes.length);
    put(nameBytes);
    put(valueBytes);
  }

  private void producer(String name, long sequence) {
    byte[] nameBytes = name.getBytes(StandardCharsets.US_ASCII);
    begin(
        AttributeLayout.PRODUCER,
        AttributeLayout.PRODUCER_NAME + nameBytes.length,
        AttributeLayout.MAX_BLOCK);
    putLong(sequence);
    put(nameBytes);
  }

  /** What counts from now becomes absolute; a time to live begins where a delay ends. */
  private void times(Message message) {
    long deliverAt = 0;
    if (message.delay().isPresent()) {
      deliverAt = later(clock.time(), message.delay().get());
      time(AttributeLayout.DELIVER_AT, deliverAt);
    } else if (message.deliverAt().isPresent()) {
      deliverAt = message.deliverAt().get().toEpochMilli();
      time(AttributeLayout.DELIVER_AT, deliverAt);
    }
    if (message.timeToLive().isPresent()) {
      long from = Math.max(clock.time(), deliverAt);
      expiresAt = later(from, message.timeToLive().get());
      time(AttributeLayout.EXPIRES_AT, expiresAt);
    } else if (message.expiresAt().isPresent()) {
      expiresAt = message.expiresAt().map(Instant::toEpochMilli).get();
      time(AttributeLayout.EXPIRES_AT, expiresAt);
    }
  }

  private static long later(long from, Duration by) {
    long time = Math.min(from + by.toMillis(), AttributeLayout.LAST_TIME);
    return Math.max(time, AttributeLayout.FIRST_TIME); // a clock may stand before 1970
  }

  private void time(int tag, long millis) {
    begin(tag, AttributeLayout.TIME, AttributeLayout.MAX_BLOCK);
    putLong(millis);
  }

  private void begin(int tag, int valueLength, int limit) {
    long end = (long) length + ENTRY + valueLength;
    if (end > limit) {
      throw new MessageTooLargeException(
          "key, subject and headers have at least " + end + " bytes, the limit is " + limit
              + "; nothing was written");
    }
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.max(end, 2L * bytes.length));
    }
    bytes[length++] = (byte) tag;
    putShort(valueLength);
  }

  private void putShort(int value) {
    bytes[length++] = (byte) value;
    bytes[length++] = (byte) (value >>> 8);
  }

  private void putLong(long value) {
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[length++] = (byte) (value >>> (8 * i));
    }
  }

  private void put(byte[] value) {
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
