package io.holdfast.storage.format;

/** What a record is; the code stands in the record's header. */
public enum RecordType {
  /** First record of a segment: whose it is, and from which offset and time it counts. */
  BEGIN(1),
  /** A message. */
  DATA(2),
  /** A transaction; reserved for the internal topic that holds them. */
  TRANSACTION(3),
  /** Last record of a segment that was rolled. */
  SEAL(4),
  /** Messages that were lost and are known to be; reserved for salvage. */
  GAP(5);

  private static final RecordType[] BY_CODE = {null, BEGIN, DATA, TRANSACTION, SEAL, GAP};

  private final int code;

  RecordType(int code) {
    this.code = code;
  }

  /**
   * The number that stands on disk.
   *
   * @return 1 to 5
   */
  public int code() {
    return code;
  }

  /**
   * The type of a code.
   *
   * @param code what was read
   * @return the type, or null when the code is not known
   */
  public static RecordType of(int code) {
    return code > 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }
}
