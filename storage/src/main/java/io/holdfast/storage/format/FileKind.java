package io.holdfast.storage.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The kinds of binary file in a store, each told by the eight ASCII bytes it begins with. */
public enum FileKind {
  /** One segment of a topic: {@code 0000000001.log}. */
  SEGMENT("HFSEGMNT", 1),
  /** The control file of a store: {@code store.ctl}. */
  CONTROL("HFCONTRL", 1),
  /**
   * The head of a group's state on one topic. What came before format 3 knows half of its slots.
   */
  GROUP_HEAD("HFGRHEAD", 3),
  /** One chunk of the done bitmap of a group on one topic. */
  GROUP_DONE("HFGRDONE", 1),
  /** The delivery slots of a group on one topic. */
  GROUP_SLOTS("HFGRSLOT", 1),
  /** A run of a topic's delayed messages, in the order of their times. */
  DELAY_RUN("HFDLYRUN", 3),
  /** One chunk of the bits of messages that a run holds. */
  DELAYED_BITS("HFDLYBIT", 3),
  /** One chunk of the bits of messages that were cancelled. */
  CANCELLED_BITS("HFDLYCAN", 3),
  /** What a topic's producers had sent. */
  DEDUP_SEQUENCES("HFDEDSEQ", 4),
  /** The ids of a topic's last messages. */
  DEDUP_IDS("HFDEDIDS", 4);

  private final String letters;
  private final long magic;
  private final int leastVersion;

  FileKind(String letters, int leastVersion) {
    this.leastVersion = leastVersion;
    this.letters = letters;
    this.magic =
        ByteBuffer.wrap(letters.getBytes(StandardCharsets.US_ASCII))
            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
            .getLong();
  }

  /**
   * The magic as it stands in the file.
   *
   * @return eight ASCII letters
   */
  public String letters() {
    return letters;
  }

  /**
   * The magic as a little-endian number.
   *
   * @return the eight letters read as one long
   */
  public long magic() {
    return magic;
  }

  /**
   * The oldest format version that understands files of this kind as they are written now.
   *
   * @return 1 or more
   */
  public int leastVersion() {
    return leastVersion;
  }
}
