package io.holdfast.engine.message;

/**
 * Where things stand in the attribute block of a record: a sequence of entries, each a tag, a
 * length and a value. A reader refuses a record with a tag below 128 that it does not know, and
 * skips one from 128 on.
 *
 * <pre>
 *   0 u8 tag               what the entry holds
 *   1 u16 length           bytes of the value, little-endian
 *   3 bytes value          as the tag says
 * </pre>
 *
 * <p>Tags: 1 key (UTF-8), 2 header, 3 producer, 4 deliverAt, 5 expiresAt, 6 subject (UTF-8), 7 type
 * name (reserved), 8 dedupId (UTF-8), 9 transaction.
 *
 * <p>The value of a header:
 *
 * <pre>
 *   0 u16 nameLength       bytes of the name
 *   2 bytes name           UTF-8
 *   2+nameLength bytes value   UTF-8, to the end of the entry
 * </pre>
 *
 * <p>The value of a producer:
 *
 * <pre>
 *   0 i64 sequence         -1 = none
 *   8 bytes name           ASCII
 * </pre>
 *
 * <p>The value of deliverAt and of expiresAt, which stand before all others, in this order:
 *
 * <pre>
 *   0 i64 time             epoch ms, 1 or more
 * </pre>
 *
 * <p>The value of a transaction:
 *
 * <pre>
 *   0 u64 id               given to one transaction of the store alone
 *   8 u32 number           of the message in it, from 0
 * </pre>
 */
public final class AttributeLayout {
  /** Most bytes of a whole block. */
  public static final int MAX_BLOCK = 65_535;

  /** Entry: bytes of tag and length. */
  public static final int ENTRY = 3;

  /** Entry: length. */
  public static final int LENGTH = 1;

  /** First tag that a reader may skip. */
  public static final int FIRST_OPTIONAL = 128;

  /** Tag: key. */
  public static final int KEY = 1;

  /** Tag: header. */
  public static final int HEADER = 2;

  /** Tag: producer. */
  public static final int PRODUCER = 3;

  /** Tag: the message is not handed out before. */
  public static final int DELIVER_AT = 4;

  /** Tag: the message is not handed out from then on. */
  public static final int EXPIRES_AT = 5;

  /** Tag: subject. */
  public static final int SUBJECT = 6;

  /** Tag: what tells the message from others in the topic's window of ids. */
  public static final int DEDUP_ID = 8;

  /** Tag: the transaction that the message came with. */
  public static final int TRANSACTION = 9;

  /** Bytes of a transaction. */
  public static final int TRANSACTION_LENGTH = 12;

  /** Transaction: number of the message. */
  public static final int TRANSACTION_NUMBER = 8;

  /** Header: bytes of the name's length. */
  public static final int HEADER_NAME = 2;

  /** Producer: name, behind the sequence. */
  public static final int PRODUCER_NAME = 8;

  /** Producer: the sequence that stands for none. */
  public static final long NO_SEQUENCE = -1;

  /** Bytes of deliverAt, and of expiresAt. */
  public static final int TIME = 8;

  /** The first time that there is. */
  public static final long FIRST_TIME = 1;

  /** The last one: 9999-12-31T23:59:59.999Z. */
  public static final long LAST_TIME = 253_402_300_799_999L;

  private AttributeLayout() {}
}
