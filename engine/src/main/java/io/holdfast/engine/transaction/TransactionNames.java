package io.holdfast.engine.transaction;

/** What others must know of the topic with the log of transactions. */
public final class TransactionNames {
  /** Its name, which no user's topic can have. */
  public static final String LOG = "holdfast.transactions";

  /** How names begin that the engine keeps for itself. */
  public static final String PREFIX = "holdfast.";

  private static final int MIB = 1 << 20;

  private TransactionNames() {}

  /**
   * Bytes of a segment of the log: four of the largest records fit, with what else stands there.
   *
   * @param maxBytes most bytes of a transaction
   * @return a multiple of 64 KiB
   */
  static int segmentSize(int maxBytes) {
    return (int) (4L * maxBytes + MIB + 65_535 & -65_536);
  }
}
