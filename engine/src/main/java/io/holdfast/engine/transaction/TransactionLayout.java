package io.holdfast.engine.transaction;

/**
 * Where things stand in the payload of a record in the log of transactions.
 *
 * <pre>
 *   0 u8 kind              1 = transaction, 2 = mark
 *   1 u8[3] zero           reserved
 *   4 u32 targets          topics that messages go to; 0 in a mark
 *   8 u64 id               of the transaction; of a mark the offset in this log before which all
 *                        is applied
 *  16 u32 acks             groups and topics where messages are acked; 0 in a mark
 *  20 u32 zero             reserved
 *  24 target[] targets     then the acks
 * </pre>
 *
 * <p>A target:
 *
 * <pre>
 *   0 u32 topic            topic number
 *   4 u32 messages         how many follow
 *   8 u64 from             no message of the transaction stands below this offset
 *  16 message[] messages   in the order in which they were sent
 * </pre>
 *
 * <p>A message:
 *
 * <pre>
 *   0 u32 number           in the transaction, from 0
 *   4 u32 attributes       bytes of the attribute block
 *   8 u32 payload          bytes of the payload
 *  12 bytes body           attribute block, payload
 * </pre>
 *
 * <p>What a group acks in a topic:
 *
 * <pre>
 *   0 u32 topic            topic number
 *   4 u32 nameLength       bytes of the group's name
 *   8 u32 count            how many offsets follow the name
 *  12 bytes name           ASCII
 *  12+nameLength u64[] offsets  of the messages
 * </pre>
 */
public final class TransactionLayout {
  /** Kind: a transaction. */
  public static final int TRANSACTION = 1;

  /** Kind: a mark. */
  public static final int MARK = 2;

  /** Where the number of targets stands. */
  public static final int TARGETS = 4;

  /** Where the id stands. */
  public static final int ID = 8;

  /** Where the number of groups and topics with acks stands. */
  public static final int ACKS = 16;

  /** Bytes before the targets. */
  public static final int HEADER = 24;

  /** Target: where the number of its messages stands. */
  public static final int MESSAGES = 4;

  /** Target: where the offset stands that none of its messages is below. */
  public static final int FROM = 8;

  /** Bytes of a target before its messages. */
  public static final int TARGET = 16;

  /** Message: where the length of its attribute block stands. */
  public static final int ATTRIBUTES = 4;

  /** Message: where the length of its payload stands. */
  public static final int PAYLOAD = 8;

  /** Bytes of a message before its body. */
  public static final int MESSAGE = 12;

  /** Acks: where the length of the group's name stands. */
  public static final int NAME_LENGTH = 4;

  /** Acks: where the number of offsets stands. */
  public static final int COUNT = 8;

  /** Bytes before the name of a group that acks. */
  public static final int ACK = 12;

  private TransactionLayout() {}
}
