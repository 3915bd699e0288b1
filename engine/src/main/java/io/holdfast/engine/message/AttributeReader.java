package io.holdfast.engine.message;

import static io.holdfast.engine.message.AttributeLayout.ENTRY;
import static io.holdfast.engine.message.AttributeLayout.HEADER_NAME;
import static io.holdfast.engine.message.AttributeLayout.PRODUCER_NAME;

import io.holdfast.engine.Message;
import io.holdfast.engine.error.UnsupportedMessageException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Reads one attribute block. What it cannot understand it refuses: a message without a key that it
 * had would be another message.
 */
public final class AttributeReader {
  private static final int TIME_ENTRY = ENTRY + AttributeLayout.TIME;

  private final byte[] bytes;
  private final int end;
  private final Object where;
  private final NameCache names;
  private int at;

  private AttributeReader(byte[] bytes, int at, int length, Object where, NameCache names) {
    this.bytes = bytes;
    this.at = at;
    this.end = at + length;
    this.where = where;
    this.names = names;
  }

  /**
   * Reads a block.
   *
   * @param bytes holds the block
   * @param at index of its first byte
   * @param length its bytes
   * @param payload the payload of the message
   * @param where topic and offset, for error messages, by its toString
   * @return the message and who sent it
   * @throws UnsupportedMessageException when an entry is not known or not well-formed
   */
  public static SentMessage read(byte[] bytes, int at, int length, byte[] payload, Object where) {
    return read(bytes, at, length, payload, where, new NameCache());
  }

  /** As above, with the names of the producers of the messages before. */
  static SentMessage read(
      byte[] bytes, int at, int length, byte[] payload, Object where, NameCache names) {
    if (length == 0) {
      return new SentMessage(Message.of(payload), null);
    }
    return new AttributeReader(bytes, at, length, where, names).read(payload);
  }

  /**
   * Returns a hash of the key, without reading anything else.
   *
   * @param bytes holds the block
   * @param at index of its first byte
   * @param length its bytes
   * @return 0 where there is no key, or the block is not well-formed; else never 0
   */
  public static long keyHash(byte[] bytes, int at, int length) {
    int entry = find(bytes, at, length, AttributeLayout.KEY);
    return entry < 0 ? 0 : hash(bytes, entry + ENTRY, size(bytes, entry));
  }

  /**
   * Returns where the entry of a transaction stands, without reading anything else.
   *
   * @param bytes holds the block
   * @param at index of its first byte
   * @param length its bytes
   * @return index of its value; negative where the message came with none
   */
  public static int transaction(byte[] bytes, int at, int length) {
    int entry = find(bytes, at, length, AttributeLayout.TRANSACTION);
    boolean isThere =
        entry >= 0 && size(bytes, entry) == AttributeLayout.TRANSACTION_LENGTH;
    return isThere ? entry + ENTRY : -1;
  }

  /**
   * Returns a time, at the cost of a look at the first bytes of the block.
   *
   * @param bytes holds the block
   * @param at index of its first byte
   * @param length its bytes
   * @param tag DELIVER_AT or EXPIRES_AT
   * @param none what to return where there is none, or it is not well-formed
   * @return epoch milliseconds
   */
  public static long time(byte[] bytes, int at, int length, int tag, long none) {
    int end = at + length;
    int entry = at;
    if (tag == AttributeLayout.EXPIRES_AT
        && isTimeEntry(bytes, entry, end, AttributeLayout.DELIVER_AT)) {
      entry += TIME_ENTRY;
    }
    if (!isTimeEntry(bytes, entry, end, tag)) {
      return none;
    }
    long time = longAt(bytes, entry + ENTRY);
    return isTime(time) ? time : none;
  }

  /**
   * Looks for an entry, without reading anything else.
   *
   * @param bytes holds the block
   * @param at index of its first byte
   * @param length its bytes
   * @param tag which
   * @return index of the entry; -1 where there is none, or the block is not well-formed
   */
  public static int find(byte[] bytes, int at, int length, int tag) {
    int end = at + length;
    for (int entry = at; end - entry >= ENTRY; ) {
      int size = size(bytes, entry);
      if (size > end - entry - ENTRY) {
        return -1;
      }
      if (bytes[entry] == tag) {
        return entry;
      }
      entry += ENTRY + size;
    }
    return -1;
  }

  /**
   * The bytes of the value of an entry.
   *
   * @param bytes holds the block
   * @param entry index of the entry
   * @return 0 to 65,535
   */
  public static int size(byte[] bytes, int entry) {
    return (bytes[entry + 1] & 0xFF) | (bytes[entry + 2] & 0xFF) << 8;
  }

  private static boolean isTimeEntry(byte[] bytes, int entry, int end, int tag) {
    return end - entry >= TIME_ENTRY
        && bytes[entry] == tag
        && bytes[entry + 1] == AttributeLayout.TIME
        && bytes[entry + 2] == 0;
  }

  private static boolean isTimeTag(int tag) {
    return tag == AttributeLayout.DELIVER_AT || tag == AttributeLayout.EXPIRES_AT;
  }

  private static boolean isTime(long time) {
    return time >= AttributeLayout.FIRST_TIME && time <= AttributeLayout.LAST_TIME;
  }

  /**
   * Reads a number.
   *
   * @param bytes holds it
   * @param at index of its first byte
   * @return little-endian
   */
  public static long longAt(byte[] bytes, int at) {
    long value = 0;
    for (int i = Long.BYTES - 1; i >= 0; i--) {
      value = value << 8 | bytes[at + i] & 0xFF;
    }
    return value;
  }

  /** FNV-1a, then the last step of MurmurHash3, so that all bits depend on all bytes. */
  private static long hash(byte[] bytes, int at, int length) {
    long hash = 0xcbf29ce484222325L;
    for (int i = at; i < at + length; i++) {
      hash = (hash ^ bytes[i]) * 0x100000001b3L;
    }
    hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    hash ^= hash >>> 33;
    return hash == 0 ? 1 : hash;
  }

  private SentMessage read(byte[] payload) {
    Message.Builder message = Message.builder(payload);
    String producer = null;
    int before = 0;
    while (at < end) {
      require(ENTRY <= end - at);
      int tag = bytes[at] & 0xFF;
      int length = unsignedShort(at + AttributeLayout.LENGTH);
      int value = at + ENTRY;
      require(length <= end - value);
      if (isTimeTag(tag)) { // they stand first, so that they are found without a search
        require(before == 0 || before == AttributeLayout.DELIVER_AT && tag > before);
      }
      before = tag;
      switch (tag) {
        case AttributeLayout.KEY -> message.key(required(value, length));
        case AttributeLayout.SUBJECT -> message.subject(required(value, length));
        case AttributeLayout.HEADER -> header(message, value, length);
        case AttributeLayout.PRODUCER -> {
          require(length > PRODUCER_NAME);
          producer = names.of(bytes, value + PRODUCER_NAME, length - PRODUCER_NAME);
          sequence(message, longAt(bytes, value));
        }
        case AttributeLayout.DELIVER_AT -> message.deliverAt(time(value, length));
        case AttributeLayout.EXPIRES_AT -> message.expiresAt(time(value, length));
        case AttributeLayout.DEDUP_ID -> message.dedupId(required(value, length));
        case AttributeLayout.TRANSACTION -> require(length == AttributeLayout.TRANSACTION_LENGTH);
        default -> skip(tag);
      }
      at = value + length;
    }
    return new SentMessage(message.build(), producer);
  }

  private void sequence(Message.Builder message, long sequence) {
    require(sequence >= AttributeLayout.NO_SEQUENCE);
    if (sequence >= 0) {
      message.sequence(sequence);
    }
  }

  private void header(Message.Builder message, int value, int length) {
    require(length >= HEADER_NAME);
    int name = value + HEADER_NAME;
    int nameLength = unsignedShort(value);
    require(nameLength <= length - HEADER_NAME);
    message.header(
        required(name, nameLength), text(name + nameLength, length - HEADER_NAME - nameLength));
  }

  private Instant time(int value, int length) {
    require(length == AttributeLayout.TIME);
    long time = longAt(bytes, value);
    require(isTime(time));
    return Instant.ofEpochMilli(time);
  }

  private void skip(int tag) {
    if (tag < AttributeLayout.FIRST_OPTIONAL) {
      throw new UnsupportedMessageException(
          where + ": the message has attribute " + tag
              + ", which this version does not know; read it with a newer one");
    }
  }

  private String required(int from, int length) {
    require(length > 0);
    return text(from, length);
  }

  private String text(int from, int length) {
    return new String(bytes, from, length, StandardCharsets.UTF_8);
  }

  private int unsignedShort(int from) {
    return (bytes[from] & 0xFF) | (bytes[from + 1] & 0xFF) << 8;
  }

  private void require(boolean wellFormed) {
    if (!wellFormed) {
      throw new UnsupportedMessageException(
          where + ": the attribute block is not well-formed at its byte " + at
              + " although its checksum is right; it was written by another program");
    }
  }
}
