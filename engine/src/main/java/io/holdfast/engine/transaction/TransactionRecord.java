package io.holdfast.engine.transaction;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.holdfast.engine.error.UnsupportedMessageException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a transaction does, as it stands in the log of transactions; see {@link TransactionLayout}.
 *
 * @param id of the transaction
 * @param targets topics and what goes there
 * @param acks groups and topics and what is acked there
 */
public record TransactionRecord(long id, List<Target> targets, List<Acks> acks) {
  /**
   * A message on its way into its topic.
   *
   * @param number in the transaction, from 0
   * @param attributes the whole block, with id and number in it
   * @param payload the bytes
   */
  public record Entry(int number, byte[] attributes, byte[] payload) {
    /**
     * Bytes that it takes in a record.
     *
     * @return with its lengths
     */
    public int bytes() {
      return TransactionLayout.MESSAGE + attributes.length + payload.length;
    }
  }

  /**
   * What goes to one topic.
   *
   * @param topic its number
   * @param from no message of the transaction stands below this offset
   * @param entries in the order in which they were sent
   */
  public record Target(int topic, long from, List<Entry> entries) {}

  /**
   * What one group acks in one topic.
   *
   * @param group its name
   * @param topic number of the topic
   * @param offsets of the messages
   */
  public record Acks(String group, int topic, long[] offsets) {
    /**
     * Bytes that they take in a record.
     *
     * @param group name of the group
     * @param count of the offsets
     * @return with their lengths
     */
    public static int bytes(String group, int count) {
      return TransactionLayout.ACK + group.length() + count * Long.BYTES;
    }
  }

  /**
   * Whether a record is a mark.
   *
   * @param payload holds the payload of a record
   * @param at index of its first byte
   * @return false for a transaction
   */
  public static boolean isMark(byte[] payload, int at) {
    return payload[at] == TransactionLayout.MARK;
  }

  /**
   * What a mark says.
   *
   * @param payload holds the payload of a mark
   * @param at index of its first byte
   * @return the offset in the log before which all is applied
   */
  public static long marked(byte[] payload, int at) {
    return ByteBuffer.wrap(payload).order(LITTLE_ENDIAN).getLong(at + TransactionLayout.ID);
  }

  /**
   * Writes a mark.
   *
   * @param before offset in the log before which all is applied
   * @return the payload of its record
   */
  public static byte[] mark(long before) {
    ByteBuffer buffer = ByteBuffer.allocate(TransactionLayout.HEADER).order(LITTLE_ENDIAN);
    buffer.put(0, (byte) TransactionLayout.MARK);
    buffer.putLong(TransactionLayout.ID, before);
    return buffer.array();
  }

  /** Whether nothing is left to be done. */
  boolean isEmpty() {
    return targets.isEmpty() && acks.isEmpty();
  }

  /**
   * Writes the record.
   *
   * @return its payload
   */
  public byte[] encode() {
    ByteBuffer buffer = ByteBuffer.allocate(bytes()).order(LITTLE_ENDIAN);
    buffer.put((byte) TransactionLayout.TRANSACTION);
    buffer.putInt(TransactionLayout.TARGETS, targets.size());
    buffer.putLong(TransactionLayout.ID, id);
    buffer.putInt(TransactionLayout.ACKS, acks.size());
    buffer.position(TransactionLayout.HEADER);
    for (Target target : targets) {
      buffer.putInt(target.topic()).putInt(target.entries().size()).putLong(target.from());
      for (Entry entry : target.entries()) {
        buffer.putInt(entry.number());
        buffer.putInt(entry.attributes().length).putInt(entry.payload().length);
        buffer.put(entry.attributes()).put(entry.payload());
      }
    }
    for (Acks each : acks) {
      byte[] name = each.group().getBytes(StandardCharsets.US_ASCII);
      buffer.putInt(each.topic()).putInt(name.length).putInt(each.offsets().length).put(name);
      for (long offset : each.offsets()) {
        buffer.putLong(offset);
      }
    }
    return buffer.array();
  }

  private int bytes() {
    int bytes = TransactionLayout.HEADER + TransactionLayout.TARGET * targets.size();
    for (Target target : targets) {
      bytes += target.entries().stream().mapToInt(Entry::bytes).sum();
    }
    return bytes + acks.stream().mapToInt(a -> Acks.bytes(a.group(), a.offsets().length)).sum();
  }

  /**
   * Reads a record.
   *
   * @param payload holds it
   * @param at index of its first byte
   * @param length its bytes
   * @param where log and offset, for error messages
   * @return a copy
   * @throws UnsupportedMessageException when it is not well-formed
   */
  public static TransactionRecord decode(byte[] payload, int at, int length, String where) {
    ByteBuffer buffer = ByteBuffer.wrap(payload, at, length).slice().order(LITTLE_ENDIAN);
    try {
      if (buffer.get(0) != TransactionLayout.TRANSACTION) {
        throw unknown(where, "kind " + buffer.get(0));
      }
      buffer.position(TransactionLayout.HEADER);
      List<Target> targets = new ArrayList<>();
      for (int left = buffer.getInt(TransactionLayout.TARGETS); left > 0; left--) {
        targets.add(target(buffer));
      }
      List<Acks> acks = new ArrayList<>();
      for (int left = buffer.getInt(TransactionLayout.ACKS); left > 0; left--) {
        acks.add(acks(buffer));
      }
      return new TransactionRecord(buffer.getLong(TransactionLayout.ID), targets, acks);
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw unknown(where, "lengths beyond its " + length + " bytes");
    }
  }

  private static Target target(ByteBuffer buffer) {
    int at = skip(buffer, TransactionLayout.TARGET);
    int topic = buffer.getInt(at);
    long from = buffer.getLong(at + TransactionLayout.FROM);
    List<Entry> entries = new ArrayList<>();
    for (int left = buffer.getInt(at + TransactionLayout.MESSAGES); left > 0; left--) {
      int message = skip(buffer, TransactionLayout.MESSAGE);
      int number = buffer.getInt(message);
      int attributes = buffer.getInt(message + TransactionLayout.ATTRIBUTES);
      int payload = buffer.getInt(message + TransactionLayout.PAYLOAD);
      entries.add(new Entry(number, bytes(buffer, attributes), bytes(buffer, payload)));
    }
    return new Target(topic, from, entries);
  }

  private static Acks acks(ByteBuffer buffer) {
    int at = skip(buffer, TransactionLayout.ACK);
    int topic = buffer.getInt(at);
    int nameLength = buffer.getInt(at + TransactionLayout.NAME_LENGTH);
    int count = buffer.getInt(at + TransactionLayout.COUNT);
    String group = new String(bytes(buffer, nameLength), StandardCharsets.US_ASCII);
    if (count < 0 || count > buffer.remaining() / Long.BYTES) {
      throw new BufferUnderflowException();
    }
    long[] offsets = new long[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = buffer.getLong();
    }
    return new Acks(group, topic, offsets);
  }

  /** Steps behind a part of a known length and returns where it begins. */
  private static int skip(ByteBuffer buffer, int length) {
    if (length > buffer.remaining()) {
      throw new BufferUnderflowException();
    }
    int at = buffer.position();
    buffer.position(at + length);
    return at;
  }

  /** Looks before it allocates. */
  private static byte[] bytes(ByteBuffer buffer, int length) {
    if (length < 0 || length > buffer.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    buffer.get(bytes);
    return bytes;
  }

  private static UnsupportedMessageException unknown(String where, String what) {
    return new UnsupportedMessageException(
        where + ": expected a transaction, found " + what + "; it was written by another program,"
            + " or a newer version");
  }
}
