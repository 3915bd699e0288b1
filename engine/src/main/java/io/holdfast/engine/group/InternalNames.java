package io.holdfast.engine.group;

import java.util.Optional;

/**
 * The names of the topics that the engine makes beside a user's topic, one of each kind for a
 * group. A group's name has no dot, so each name tells its topic and its group.
 */
public final class InternalNames {
  /** How the name of a topic with dead letters ends. */
  public static final String DEAD_LETTERS = ".dlq";

  /** How the name of a topic with redriven messages ends. */
  public static final String RETRY = ".retry";

  /** How the name of a topic ends that takes what nobody is there for. */
  public static final String DEAD = ".dead";

  private static final String REDRIVE = ".redrive";

  private InternalNames() {}

  /**
   * The topic that takes the dead letters.
   *
   * @param topic a user's topic, or the one with what was redriven from it
   * @param group that failed
   * @return the same name for both
   */
  public static String deadLetters(String topic, String group) {
    return isRetry(topic) ? stem(topic, RETRY) + DEAD_LETTERS : topic + "." + group + DEAD_LETTERS;
  }

  /**
   * The topic that takes redriven messages.
   *
   * @param deadLetters the topic that they come from
   * @return a name that ends in {@link #RETRY}
   */
  public static String retry(String deadLetters) {
    return stem(deadLetters, DEAD_LETTERS) + RETRY;
  }

  /**
   * The topic that takes what is sent while no group is there.
   *
   * @param topic a user's topic
   * @return a name that ends in {@link #DEAD}
   */
  public static String dead(String topic) {
    return topic + DEAD;
  }

  /**
   * Whether a topic holds what was sent while no group was there.
   *
   * @param topic any name
   * @return by its ending
   */
  public static boolean isDead(String topic) {
    return topic.endsWith(DEAD);
  }

  /**
   * Whether a topic holds dead letters.
   *
   * @param topic any name
   * @return by its ending
   */
  public static boolean isDeadLetters(String topic) {
    return topic.endsWith(DEAD_LETTERS);
  }

  /**
   * Whether a topic holds redriven messages.
   *
   * @param topic any name
   * @return by its ending
   */
  public static boolean isRetry(String topic) {
    return topic.endsWith(RETRY);
  }

  /**
   * Whether a topic holds redriven messages of a group.
   *
   * @param topic any name
   * @param group the group
   * @return by its ending
   */
  public static boolean isRetryOf(String topic, String group) {
    return topic.endsWith("." + group + RETRY);
  }

  /**
   * Whether a topic is one that the engine makes for a user's topic: with dead letters or redriven
   * messages of any group, or with what nobody was there for and what belongs to that.
   *
   * @param name any name
   * @param topic a user's topic, or one with what nobody was there for
   * @return by what stands before the group and the ending
   */
  public static boolean isOf(String name, String topic) {
    int dot = groupDot(name);
    String stem = dot > 0 ? name.substring(0, dot) : name;
    return dot > 0 && stem.equals(topic) || isDead(stem) && stem(stem, DEAD).equals(topic);
  }

  /**
   * The topic that sends elsewhere what nobody is there for.
   *
   * @param dead the topic that takes it
   * @return the user's topic
   */
  public static String sourceOf(String dead) {
    return stem(dead, DEAD);
  }

  /**
   * The group whose dead letters or redriven messages a topic holds.
   *
   * @param name any name
   * @return empty for a topic that is a user's
   */
  public static Optional<String> groupOf(String name) {
    int dot = groupDot(name);
    return dot > 0
        ? Optional.of(name.substring(dot + 1, name.lastIndexOf('.')))
        : Optional.empty();
  }

  /** Returns where the dot before the group stands; negative for a user's topic. */
  private static int groupDot(String name) {
    return isDeadLetters(name) || isRetry(name)
        ? name.lastIndexOf('.', name.lastIndexOf('.') - 1)
        : -1;
  }

  /**
   * The directory, beside those of the groups, that says which dead letters a group has redriven.
   *
   * @param group the group
   * @return a name that no group can have
   */
  public static String redriveState(String group) {
    return group + REDRIVE;
  }

  /**
   * Whether a directory beside those of the groups says which dead letters were redriven.
   *
   * @param directory its name
   * @return by its ending
   */
  public static boolean isRedriveState(String directory) {
    return directory.endsWith(REDRIVE);
  }

  private static String stem(String name, String suffix) {
    return name.substring(0, name.length() - suffix.length());
  }
}
