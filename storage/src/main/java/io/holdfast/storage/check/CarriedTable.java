package io.holdfast.storage.check;

import java.util.Objects;

/**
 * What a topic carries from segment to segment in its {@code begin} records: of its producers, up
 * to which sequence each has come. Storage keeps the bytes and does not look into them.
 *
 * @param entries how many producers the table has
 * @param bytes the table; not copied, and not to be changed
 */
public record CarriedTable(int entries, byte[] bytes) {

  /**
   * Checks the parts.
   *
   * @param entries 0 or more
   * @param bytes not null
   */
  public CarriedTable {
    Objects.requireNonNull(bytes, "bytes");
    if (entries < 0) {
      throw new IllegalArgumentException("entries: expected 0 or more, found " + entries);
    }
  }
}
