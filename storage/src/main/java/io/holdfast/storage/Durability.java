package io.holdfast.storage;

/**
 * What a confirmation survives, chosen for each topic and named by what is survived. Immutable.
 *
 * <p>Both levels write to mapped files; they differ in whether a confirmation waits for the device.
 */
public final class Durability {
  private static final Durability PROCESS_CRASH = new Durability("processCrash");
  private static final Durability POWER_LOSS = new Durability("powerLoss");

  private final String text;

  private Durability(String text) {
    this.text = text;
  }

  /**
   * A confirmation means that the message is in the page cache: it survives {@code kill -9}, an
   * OutOfMemoryError and a JVM abort, but not a power cut.
   *
   * @return the level
   */
  public static Durability processCrash() {
    return PROCESS_CRASH;
  }

  /**
   * A confirmation means that the device was told to make the message durable, and said that it
   * did.
   *
   * @return the level
   */
  public static Durability powerLoss() {
    return POWER_LOSS;
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @param text {@code processCrash} or {@code powerLoss}
   * @return the level
   * @throws IllegalArgumentException for any other text
   */
  public static Durability parse(String text) {
    if (text.equals(PROCESS_CRASH.text)) {
      return PROCESS_CRASH;
    }
    if (text.equals(POWER_LOSS.text)) {
      return POWER_LOSS;
    }
    throw new IllegalArgumentException(
        "expected the durability processCrash or powerLoss, found '" + text + "'");
  }

  /**
   * Whether a confirmation waits for the device.
   *
   * @return true for powerLoss
   */
  public boolean forcesBeforeConfirming() {
    return this == POWER_LOSS;
  }

  @Override
  public String toString() {
    return text;
  }
}
