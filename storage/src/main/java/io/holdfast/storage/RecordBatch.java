package io.holdfast.storage;

import io.holdfast.storage.error.MessageTooLargeException;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

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
  private byte[] records = new byte[4096]; // as they will stand in the segment; first words zero
  private final UnsafeBuffer buffer = new UnsafeBuffer(records);
  private int[] starts = new int[16];
  private int[] lengths = new int[16]; // header, attributes and payload, without padding
  private int[] attributes = new int[16];
  private int[] crcs = new int[16];
  private long[] words = new long[16]; // scratch of whoever writes the records
  private int size;
  private int bytes;
  private long firstOffset = -1;
  private long timestamp = -1;
  private Runnable appended; // or null

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
    int length = RecordLayout.HEADER + body;
    int record = RecordLayout.aligned(length);
    if (size == MAX_SIZE || bytes + record > maxBytes && size > 0) {
      return false;
    }
    makeRoom(record);
    int at = bytes + RecordLayout.HEADER;
    buffer.putLong(bytes, 0L);
    buffer.putLong(bytes + record - RecordLayout.ALIGNMENT, 0L); // the padding; overwritten if none
    System.arraycopy(attributeBytes, 0, records, at, attributesLength);
    System.arraycopy(payload, payloadOffset, records, at + attributesLength, payloadLength);
    starts[size] = bytes;
    lengths[size] = length;
    attributes[size] = attributesLength;
    crcs[size] = checksum.ofBody(records, at, body);
    size++;
    bytes += record;
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
    return bytes;
  }

  /** Forgets the messages. */
  public void clear() {
    size = 0;
    bytes = 0;
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

  /**
   * Has work done each time the batch has got its offsets, under the topic's append lock, before
   * any other append: it must be short, must not throw and must not touch the log.
   *
   * @param work replaces what was given before; null for none
   */
  public void whenAppended(Runnable work) {
    appended = work;
  }

  void assign(long offset, long epochMillis) {
    firstOffset = offset;
    timestamp = epochMillis;
  }

  /** Under the append lock. */
  void appended() {
    if (appended != null) {
      appended.run();
    }
  }

  /** The records as they will stand in the segment. */
  UnsafeBuffer buffer() {
    return buffer;
  }

  int start(int message) {
    return starts[message];
  }

  /** Bytes of a record, without padding. */
  int length(int message) {
    return lengths[message];
  }

  long[] words() {
    return words;
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

  private void makeRoom(int record) {
    if (records.length - bytes < record) {
      records = Arrays.copyOf(records, Math.max(bytes + record, records.length * 2));
      buffer.wrap(records);
    }
    if (size == starts.length) {
      starts = Arrays.copyOf(starts, size * 2);
      lengths = Arrays.copyOf(lengths, size * 2);
      attributes = Arrays.copyOf(attributes, size * 2);
      crcs = Arrays.copyOf(crcs, size * 2);
      words = Arrays.copyOf(words, size * 2);
    }
  }
}
