package io.holdfast.engine.crash;

import io.holdfast.engine.Message;
import io.holdfast.storage.Durability;
import io.holdfast.storage.TopicLog;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * What was sent to a topic, message by message, and how much of it was promised. The same offset
 * holds another message in each life. Guarded by the lock of its {@link Ledger}.
 */
final class TopicLedger {
  /** Bytes of the shortest message. */
  static final int SHORTEST = 4;

  /** The tag of messages that fill segments. */
  static final int FILLER = 0;

  private static final int FILLER_BYTES = 90_000;
  private static final int LARGE = 4_000;
  private static final int TIMED = 0xE0;
  private static final int DELAYED = 0xE0;
  private static final int MORTAL = 0xC0;
  private static final Duration STEP = Duration.ofMinutes(8); // a life has a few hours
  private static final byte[] PATTERN = new byte[3 * LARGE];

  static {
    new Random(1).nextBytes(PATTERN);
  }

  /** Who drops what is not needed any more. */
  enum Keeping {
    /** The script, by hand. */
    FOREVER,
    /** The engine, once all groups are done with it. */
    UNTIL_CONSUMED,
    /** The same, and a send that finds the topic full takes what groups still need. */
    BOUNDED
  }

  final String name;
  final Durability durability;
  final Keeping keeping;
  final long base; // the offset of the first message that is known
  final List<Integer> tags = new ArrayList<>(); // of what was sent, or is about to be
  final Set<Integer> gone = new HashSet<>(); // tags that a power cut took
  boolean exists; // its creation was confirmed
  long committed; // transactions have promised all below it
  long begins; // what a drop gave back
  long mayBegin; // how far a drop was asked to go
  long durable; // of a copy, or until it is open: everything below it was forced
  long end; // the same: everything below it was appended
  TopicLog log; // once it is open

  TopicLedger(String name, Durability durability, Keeping keeping, long base) {
    this.name = name;
    this.durability = durability;
    this.keeping = keeping;
    this.base = base;
    this.begins = base;
    this.mayBegin = base;
    this.durable = base;
    this.end = base;
  }

  /** As it stands now; a closed topic keeps what it had promised. */
  TopicLedger copy() {
    TopicLedger copy = new TopicLedger(name, durability, keeping, base);
    copy.tags.addAll(tags);
    copy.gone.addAll(gone);
    copy.exists = exists;
    copy.committed = committed;
    copy.begins = begins;
    copy.mayBegin = mayBegin;
    copy.durable = log == null ? durable : log.durableOffset();
    copy.end = log == null ? end : log.endOffset();
    return copy;
  }

  /** One past the last message that may be there. */
  long planned() {
    return base + tags.size();
  }

  /** The tag of a message that is known. */
  int tag(long offset) {
    return tags.get((int) (offset - base));
  }

  /** Forgets what a power cut took. */
  void cutAt(long offset) {
    List<Integer> cut = tags.subList((int) (offset - base), tags.size());
    gone.addAll(cut);
    cut.clear();
  }

  /** What expires up to a time may be dead for a group from now on. */
  void expire(GroupLedger.State state, long now) {
    for (long offset = base; offset < planned(); offset++) {
      int tag = tag(offset);
      if (mayExpire(tag) && time(tag).toEpochMilli() <= now) {
        state.claim(offset).mayBeDead = true;
      }
    }
  }

  /** What was not sent after all. */
  void refused(int count) {
    tags.subList(tags.size() - count, tags.size()).clear();
  }

  boolean forces() {
    return durability.forcesBeforeConfirming();
  }

  long digest() {
    return name.hashCode() * 31L + tags.hashCode() + durable * 7 + end * 13 + begins * 17
        + mayBegin * 19 + committed * 23 + (exists ? 1 : 0);
  }

  /** A message that nobody else sends. */
  static int newTag(Random random, boolean large) {
    return large ? random.nextInt() | 1 : random.nextInt() & ~1;
  }

  /** The message of a tag. */
  static Message message(int tag) {
    return builder(tag).build();
  }

  /**
   * The message that was sent, or is, with an offset. Where messages are numbered, in every other
   * topic, a cut has other messages sent with the same sequences and ids.
   */
  Message message(long offset) {
    int tag = tags.get((int) (offset - base));
    Message.Builder message = builder(tag);
    if (isNumbered()) {
      message.sequence(offset);
      if ((tag & 1) == 0) {
        message.dedupId("offset " + offset);
      }
    }
    return message.build();
  }

  boolean isNumbered() {
    return (name.hashCode() & 1) == 0 && base == 0; // else others had sent before
  }

  private static Message.Builder builder(int tag) {
    Message.Builder message = Message.builder(payload(tag));
    if ((tag & 6) == 6) {
      message.header("tag", Integer.toString(tag));
    }
    String key = key(tag);
    if (key != null) {
      message.key(key);
    }
    if (isDelayed(tag)) {
      message.deliverAt(time(tag));
    }
    if (mayExpire(tag)) {
      message.expiresAt(time(tag));
    }
    return message;
  }

  /** The key of the message of a tag: one of four, or null. */
  static String key(int tag) {
    return (tag & 2) == 2 && !isTimed(tag) ? "k" + (tag & 0x30) : null;
  }

  /** Whether a message comes later, or not at all from some time on. */
  static boolean isTimed(int tag) {
    return isDelayed(tag) || mayExpire(tag);
  }

  /** Whether nobody gets a message before its {@link #time}. */
  static boolean isDelayed(int tag) {
    return (tag & TIMED) == DELAYED;
  }

  /** Whether nobody gets a message from its {@link #time} on. */
  static boolean mayExpire(int tag) {
    return (tag & TIMED) == MORTAL;
  }

  /** The time of a message that has one; it may have passed before it is sent. */
  static Instant time(int tag) {
    return Instant.ofEpochMilli(EngineCrashRun.EPOCH).plus(STEP.multipliedBy(tag >>> 8 & 63));
  }

  /** What a message of a tag holds. */
  static byte[] payload(int tag) {
    if (tag == FILLER) {
      return new byte[FILLER_BYTES];
    }
    ByteBuffer payload = ByteBuffer.allocate(SHORTEST + more(tag)).putInt(tag);
    return payload.put(PATTERN, shift(tag), more(tag)).array();
  }

  private static int more(int tag) {
    return (tag & 1) == 1 ? LARGE - 1_000 + (tag >>> 8 & 511) : tag >>> 8 & 63;
  }

  private static int shift(int tag) {
    return tag >>> 16 & 4_095;
  }

  /** Whether bytes are what a message of a tag holds. */
  static boolean isPayload(int tag, byte[] bytes, int from, int length) {
    int to = from + length;
    if (tag == FILLER) {
      return Arrays.equals(bytes, from, to, payload(tag), 0, FILLER_BYTES);
    }
    int more = more(tag);
    return length == SHORTEST + more
        && ByteBuffer.wrap(bytes).getInt(from) == tag
        && Arrays.equals(
            bytes, from + SHORTEST, to, PATTERN, shift(tag), shift(tag) + more);
  }

  /** The tag of a message, whatever else it holds. */
  static int tagOf(byte[] payload) {
    return payload.length < SHORTEST ? 0 : ByteBuffer.wrap(payload).getInt();
  }
}
