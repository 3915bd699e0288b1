package io.holdfast.storage.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The kinds of binary file in a store, each told by the eight ASCII bytes it begins with. */
public enum FileKind {
  /** One segment of a topic: {@code 0000000001.log}. */
  SEGMENT("HFSEGMNT"),
  /** The control file of a store: {@code store.ctl}. */
  CONTROL("HFCONTRL"),
  /** The head of a group's state on one topic. */
  GROUP_HEAD("HFGRHEAD"),
  /** One chunk of the done bitmap of a group on one topic. */
  GROUP_DONE("HFGRDONE"),
  /** The delivery slots of a group on one topic. */
  GROUP_SLOTS("HFGRSLOT");

  private final String letters;
  private final long magic;

  FileKind(String letters) {
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
}
