package io.holdfast.engine;

import io.holdfast.storage.TopicLog;

/**
 * A topic is a sequence of messages on disk, in the order in which it took them. Thread-safe; it
 * ends with its engine.
 */
public final class Topic {
  private final Engine engine;
  private final TopicLog log;

  Topic(Engine engine, TopicLog log) {
    this.engine = engine;
    this.log = log;
  }

  /**
   * Checks whether a topic may have this name; {@link Engine#topic(String, TopicConfig)} does so
   * too.
   *
   * @param name of a topic that may exist or not
   * @throws io.holdfast.storage.error.InvalidNameException when users cannot make a topic of it
   */
  public static void checkName(String name) {
    Names.userTopic(name);
  }

  /**
   * Returns the topic's name.
   *
   * @return the name
   */
  public String name() {
    return log.name();
  }

  /**
   * Returns the topic's number, which is never given again.
   *
   * @return 1 to 65,535
   */
  public int number() {
    return log.number();
  }

  /**
   * Returns what the topic was created with.
   *
   * @return the configuration
   */
  public TopicConfig config() {
    return TopicConfig.of(log.settings());
  }

  /**
   * Returns the offset of the oldest message.
   *
   * @return 0 or more
   */
  public long firstOffset() {
    return log.firstOffset();
  }

  /**
   * Returns the offset that the next message gets.
   *
   * @return 0 or more
   */
  public long endOffset() {
    return log.endOffset();
  }

  /**
   * Returns a producer for this topic.
   *
   * @param config of the producer
   * @return to be closed
   * @throws io.holdfast.engine.error.ProducerNameInUseException when one of this name is open
   * @throws io.holdfast.storage.error.InvalidNameException for a topic of dead letters or redriven
   *     messages, which the engine alone writes to
   */
  public Producer producer(ProducerConfig config) {
    return engine.producer(log, config);
  }

  /**
   * Returns a group with this topic attached; short for {@code engine.group(name,
   * config).topics(topic.name())}.
   *
   * @param name of the group
   * @param config of the group
   * @return the group, with whatever other topics it has
   * @throws io.holdfast.engine.error.ConfigurationMismatchException when there is one with another
   *     configuration
   * @throws io.holdfast.storage.error.InvalidNameException for a topic of redriven messages, which
   *     are another group's
   */
  public Group group(String name, GroupConfig config) {
    Names.attachable(name(), name); // before a group is made
    return engine.group(name, config).topics(name());
  }

  /**
   * Returns a reader of this topic.
   *
   * @param start where it begins
   * @return to be closed
   * @throws io.holdfast.storage.error.StoreClosedException when the engine is closed
   */
  public Reader reader(StartAt start) {
    log.checkOpen();
    return new Reader(log, start);
  }

  @Override
  public String toString() {
    return "topic " + name();
  }

  TopicLog log() {
    return log;
  }
}
