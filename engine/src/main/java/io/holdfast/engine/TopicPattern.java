package io.holdfast.engine;

import io.holdfast.storage.error.InvalidNameException;

/**
 * A pattern of topic names: tokens with dots between them, of which {@code *} stands for any one
 * token and {@code >}, as the last, for the rest, which is one token or more. It matches the topics
 * that users may make, and never those of the engine.
 *
 * @param text as it was given
 */
record TopicPattern(String text) implements Comparable<TopicPattern> {
  static final int MOST_CHARACTERS = 128;

  private static final String ANY = "*";
  private static final String REST = ">";

  /** Whether a text means a pattern and not a name. */
  static boolean isPattern(String text) {
    return text != null && (text.contains(ANY) || text.contains(REST));
  }

  static TopicPattern of(String text) {
    String[] tokens = text.split("\\.", -1);
    boolean isValid = text.length() <= MOST_CHARACTERS;
    for (int i = 0; i < tokens.length; i++) {
      boolean isLast = i == tokens.length - 1;
      isValid &=
          tokens[i].equals(ANY)
              || tokens[i].equals(REST) && isLast
              || tokens[i].matches("[A-Za-z0-9_-]+");
    }
    if (!isValid) {
      throw new InvalidNameException(
          "pattern '" + text.substring(0, Math.min(text.length(), MOST_CHARACTERS))
              + "' is not valid; expected at most " + MOST_CHARACTERS + " characters, tokens of"
              + " letters, digits, '_' and '-' with dots between them, '*' in the place of a"
              + " token, and '>' only as the last one");
    }
    return new TopicPattern(text);
  }

  boolean matches(String topic) {
    if (!Names.isUserTopic(topic)) {
      return false;
    }
    String[] wanted = text.split("\\.", -1);
    String[] found = topic.split("\\.", -1);
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].equals(REST)) {
        return found.length > i;
      }
      if (i >= found.length || !wanted[i].equals(ANY) && !wanted[i].equals(found[i])) {
        return false;
      }
    }
    return found.length == wanted.length;
  }

  @Override
  public int compareTo(TopicPattern other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
