package io.holdfast.storage;

import io.holdfast.storage.error.MessageTooLargeException;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import java.util.Arrays;

/**
 * Messages on their way into a topic, copied and summed before the topic's lock is taken; a caller
 * that changes its arrays afterwards harms nobody. Reusable; belongs to one thread at a time.
 */
public final class RecordBatch {
  /** Most messages in one batch. */
  public static final int MAX_SIZE = 4096;

  private final int maxMessageSize;
  private final int maxBytes;
  private final RecordChecksum checksum = new RecordChecksum();
  private byte[] bodies = new byte[4096];
  private int[] starts = new int[16];
  private int[] lengths = new int[16]; // attributes and payload, without padding
  private int[] attributes = new int[16];
  private int[] crcs = new int[16];
  private int size;
  private int bodyBytes;
  private int recordBytes;
  private long firstOffset = -1;
  private long timestamp = -1;

  RecordBatch(int maxMessageSize, int maxBytes) {
    this.maxMessageSize = maxMessageSize;
    this.maxBytes = maxBytes;
  }

  /**
   * Adds a message.
   *
   * @param attributeBytes the attribute block
   * @param attributesLength how much of it counts, up to 65,535 bytes
   * @param payload holds the payload
   * @param payloadOffset where it begins
   * @param payloadLength its bytes
   * @return false when the batch is full: append it, clear it, add again
   * @throws MessageTooLargeException when the message is over a limit; the batch is as it was
   */
  public boolean add(
      byte[] attributeBytes,
      int attributesLength,
      byte[] payload,
      int payloadOffset,
      int payloadLength) {
    checkSizes(attributesLength, payloadLength);
    int body = attributesLength + payloadLength;
    int record = RecordLayout.aligned(RecordLayout.HEADER + body);
    if (size == MAX_SIZE || recordBytes + record > maxBytes && size > 0) {
      return false;
    }
    int padded = record - RecordLayout.HEADER;
    makeRoom(padded);
    System.arraycopy(attributeBytes, 0, bodies, bodyBytes, attributesLength);
    System.arraycopy(payload, payloadOffset, bodies, bodyBytes + attributesLength, payloadLength);
    Arrays.fill(bodies, bodyBytes + body, bodyBytes + padded, (byte) 0);
    starts[size] = bodyBytes;
    lengths[size] = body;
    attributes[size] = attributesLength;
    crcs[size] = checksum.ofBody(bodies, bodyBytes, body);
    size++;
    bodyBytes += padded;
    recordBytes += record;
    return true;
  }

  /**
   * How many messages it holds.
   *
   * @return 0 to {@link #MAX_SIZE}
   */
  public int size() {
    return size;
  }

  /**
   * Bytes that its records take in a segment.
   *
   * @return 0 or more
   */
  public int bytes() {
    return recordBytes;
  }

  /** Forgets the messages. */
  public void clear() {
    size = 0;
    bodyBytes = 0;
    recordBytes = 0;
    firstOffset = -1;
    timestamp = -1;
  }

  /**
   * Offset of the first message once the batch was appended; the others follow without a gap.
   *
   * @return the offset, or -1 before the append
   */
  public long firstOffset() {
    return firstOffset;
  }

  /**
   * Time of all messages once the batch was appended.
   *
   * @return epoch milliseconds, or -1 before the append
   */
  public long timestamp() {
    return timestamp;
  }

  /** Whether a topic with these limits could have made the batch. */
  boolean keeps(int maxMessage, int maxBatch) {
    return maxMessageSize <= maxMessage && maxBytes <= maxBatch;
  }

  void assign(long offset, long epochMillis) {
    firstOffset = offset;
    timestamp = epochMillis;
  }

  byte[] bodies() {
    return bodies;
  }

  int start(int message) {
    return starts[message];
  }

  int bodyLength(int message) {
    return lengths[message];
  }

  int attributesLength(int message) {
    return attributes[message];
  }

  int bodyCrc(int message) {
    return crcs[message];
  }

  private void checkSizes(int attributesLength, int payloadLength) {
    if (payloadLength > maxMessageSize) {
      throw new MessageTooLargeException(
          "expected a payload of at most %d bytes (the topic's maxMessageSize), found %d"
              .formatted(maxMessageSize, payloadLength));
    }
    if (attributesLength > RecordLayout.MAX_ATTRIBUTES) {
      throw new MessageTooLargeException(
          "expected key and headers of at most %d bytes together, found %d"
              .formatted(RecordLayout.MAX_ATTRIBUTES, attributesLength));
    }
  }

  private void makeRoom(int padded) {
    if (bodies.length - bodyBytes < padded) {
      bodies = Arrays.copyOf(bodies, Math.max(bodyBytes + padded, bodies.length * 2));
    }
    if (size == starts.length) {
      starts = Arrays.copyOf(starts, size * 2);
      lengths = Arrays.copyOf(lengths, size * 2);
      attributes = Arrays.copyOf(attributes, size * 2);
      crcs = Arrays.copyOf(crcs, size * 2);
    }
  }
}
