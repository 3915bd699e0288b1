package io.holdfast.storage;

import io.holdfast.storage.error.InvalidNameException;
import java.util.regex.Pattern;

/**
 * The names that a topic's directory may have: no separator, no leading dot, nothing but ASCII
 * letters, digits, dot, underscore and hyphen, so that a name can never lead out of the store.
 */
public final class TopicName {
  /** Most characters, with room for the suffixes of internal topics. */
  public static final int MAX_LENGTH = 200;

  private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  private TopicName() {}

  /**
   * Checks a name.
   *
   * @param name what somebody asked for
   * @return the name
   * @throws InvalidNameException when it does not fit
   */
  public static String check(String name) {
    if (name.length() > MAX_LENGTH || !PATTERN.matcher(name).matches()) {
      throw new InvalidNameException(
          "expected a topic name of 1 to %d ASCII letters, digits, '.', '_' or '-' that begins "
                  .formatted(MAX_LENGTH)
              + "with a letter or digit, found '%s' (%d characters)"
                  .formatted(printable(name), name.length()));
    }
    return name;
  }

  /** Cut and without control characters, so that a hostile name cannot play with a terminal. */
  private static String printable(String name) {
    String cut = name.length() > 64 ? name.substring(0, 64) + "..." : name;
    return cut.replaceAll("[^\\x20-\\x7E]", "?");
  }
}
