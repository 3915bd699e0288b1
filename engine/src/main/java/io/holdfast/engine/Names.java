package io.holdfast.engine;

import io.holdfast.engine.group.InternalNames;
import io.holdfast.engine.transaction.TransactionNames;
import io.holdfast.storage.error.InvalidNameException;
import java.util.regex.Pattern;

/** The rules for names that users give. */
final class Names {
  private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final String BUS = "bus.";
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

  /** Where a group keeps its configuration; a topic of that name would need the same path. */
  private static final String RESERVED = "group.properties";

  private Names() {}

  /** Returns the name if a user may create a topic of it. */
  static String userTopic(String name) {
    topic(name);
    if (name.startsWith(TransactionNames.PREFIX)) {
      throw new InvalidNameException(
          "topic name '" + name + "' begins with 'holdfast.', which the engine keeps for itself;"
              + " choose another beginning");
    }
    if (isMadeByEngine(name)) {
      throw new InvalidNameException(
          "topic name '" + name + "' ends in .dlq, .retry or .dead, which the engine keeps for the"
              + " topics it makes itself; choose another ending");
    }
    if (name.startsWith(BUS)) {
      throw new InvalidNameException(
          "topic name '" + name + "' begins with 'bus.', which is kept for event buses;"
              + " choose another beginning");
    }
    if (name.equalsIgnoreCase(RESERVED)) {
      throw new InvalidNameException(
          "topic name '" + name + "' is kept for the engine; choose another");
    }
    return name;
  }

  /** Whether a topic of this name is a user's, and not one that the engine made. */
  static boolean isUserTopic(String name) {
    return !isMadeByEngine(name) && !name.startsWith(BUS);
  }

  /** Whether this is the log of transactions, which nobody but the engine may touch. */
  static boolean isTransactions(String name) {
    return name.equals(TransactionNames.LOG);
  }

  private static boolean isMadeByEngine(String name) {
    return isTransactions(name)
        || InternalNames.isDeadLetters(name)
        || InternalNames.isRetry(name)
        || InternalNames.isDead(name);
  }

  /** Returns the name if users may send to a topic of it. */
  static String writable(String name) {
    if (isMadeByEngine(name)) {
      String held = InternalNames.isDead(name) ? "what no group was there for" : "dead letters";
      throw new InvalidNameException(
          "topic " + name + " holds "
              + (InternalNames.isRetry(name) ? "redriven messages" : held)
              + ", which the engine alone writes; send to another topic");
    }
    return name;
  }

  /** Returns the name if it can be the name of any topic, the engine's own included. */
  static String topic(String name) {
    if (name != null && isTransactions(name)) {
      throw new InvalidNameException(
          "topic " + name + " holds the engine's transactions; nobody else reads or writes it");
    }
    if (name == null || !TOPIC.matcher(name).matches()) {
      // A topic of the engine is named after a topic and a group and may be longer than either.
      if (name == null || !isEngineTopic(name)) {
        throw new InvalidNameException(
            "topic name " + shown(name) + " is not valid; expected a letter or digit, then at most"
                + " 127 of letters, digits, '.', '_' and '-'");
      }
    }
    return name;
  }

  /** Returns the topic name if a group may receive from it; each reason not to is told. */
  static String attachable(String name, String group) {
    if (InternalNames.isRetry(topic(name)) && !InternalNames.isRetryOf(name, group)) {
      throw new InvalidNameException(
          "topic " + name + " holds what another group redrives, which that group alone receives;"
              + " group " + group + " cannot, but a reader can read it");
    }
    return name;
  }

  /** Returns the name if a user may redrive dead letters of that topic. */
  static String redrivable(String name) {
    if (InternalNames.isDeadLetters(topic(name)) || InternalNames.isRetry(name)) {
      throw new InvalidNameException(
          "topic " + name + " is one that the engine makes; dead letters go by the name of the"
              + " topic that the messages were sent to");
    }
    return name;
  }

  /** Returns the name if it can be the name of a group, a producer or a consumer. */
  static String plain(String what, String name) {
    if (name == null || !PLAIN.matcher(name).matches()) {
      throw new InvalidNameException(
          what + " name " + shown(name) + " is not valid; expected a letter or digit, then at most"
              + " 63 of letters, digits, '_' and '-'");
    }
    return name;
  }

  private static boolean isEngineTopic(String name) {
    if (!isMadeByEngine(name)) {
      return false;
    }
    String stem = name.substring(0, name.lastIndexOf('.'));
    if (InternalNames.isDead(name)) {
      return TOPIC.matcher(stem).matches();
    }
    int dot = stem.lastIndexOf('.');
    return dot > 0
        && TOPIC.matcher(stem.substring(0, dot)).matches()
        && PLAIN.matcher(stem.substring(dot + 1)).matches();
  }

  private static String shown(String name) {
    if (name == null) {
      return "null";
    }
    StringBuilder text = new StringBuilder("'");
    for (int i = 0; i < Math.min(name.length(), 200); i++) {
      char c = name.charAt(i);
      text.append(c >= ' ' && c < 127 ? String.valueOf(c) : String.format("\\u%04x", (int) c));
    }
    return text.append(name.length() > 200 ? "...' (" + name.length() + " characters)" : "'")
        .toString();
  }
}
