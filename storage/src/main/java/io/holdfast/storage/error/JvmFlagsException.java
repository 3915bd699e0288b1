package io.holdfast.storage.error;

/** The JVM was started without the flags that mapped memory needs; the message gives them. */
public class JvmFlagsException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public JvmFlagsException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public JvmFlagsException(String message, Throwable cause) {
    super(message, cause);
  }
}
