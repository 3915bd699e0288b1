package io.holdfast.engine;

import io.holdfast.engine.error.ConfigurationMismatchException;
import java.util.Set;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeSet;

/** Says which options of a group may be changed once it is there. */
final class GroupUpdate {
  private static final Set<String> CHANGEABLE =
      Set.of(
          "ackTimeout",
          "maxProcessing",
          "maxAttempts",
          "backoff",
          "backoffJitter",
          "maxInFlight",
          "maxRetrying",
          "maxRedrives",
          "lookahead",
          "expireAfter");

  private static final String RULES =
      "ackTimeout, maxProcessing, maxAttempts, backoff, maxInFlight, maxRetrying, maxRedrives,"
          + " lookahead, expireAfter and the rules for errors may be changed, onPoison between SKIP"
          + " and BLOCK, loadSharing between ANY_FREE and ROUND_ROBIN; for anything else make"
          + " another group";

  private GroupUpdate() {}

  /**
   * Refuses a change of what cannot be changed.
   *
   * @throws ConfigurationMismatchException that names each option which stands in the way
   */
  static void check(String group, GroupConfig from, GroupConfig to) {
    SortedMap<String, String> stored = GroupConfigFile.toProperties(from);
    SortedMap<String, String> asked = GroupConfigFile.toProperties(to);
    Set<String> keys = new TreeSet<>(stored.keySet());
    keys.addAll(asked.keySet());
    StringJoiner refused = new StringJoiner("; ");
    for (String key : keys) {
      String was = stored.getOrDefault(key, "not set");
      String is = asked.getOrDefault(key, "not set");
      if (!was.equals(is) && !mayChange(key, was, is)) {
        refused.add(key + " is " + was + ", asked for " + is);
      }
    }
    if (refused.length() > 0) {
      throw new ConfigurationMismatchException(
          "group " + group + " cannot be changed like that, and nothing was changed: " + refused
              + ". " + RULES);
    }
  }

  private static boolean mayChange(String key, String from, String to) {
    return switch (key) {
      // Which keys follow a poisoned one is stored from the first on, and not before.
      case "onPoison" -> isNeither(Ordering.OnPoison.DEAD_LETTER_REST_OF_KEY.name(), from, to);
      // What was met waits in the bucket of its key, or in none.
      case "loadSharing" -> isNeither(LoadSharing.BY_KEY.name(), from, to);
      default -> CHANGEABLE.contains(key) || key.startsWith(GroupConfigFile.ON_ERROR);
    };
  }

  private static boolean isNeither(String fixed, String from, String to) {
    return !fixed.equals(from) && !fixed.equals(to);
  }
}
