package io.holdfast.engine;

import io.holdfast.storage.TopicLog;
import java.util.Objects;

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
    return engine.producer(log, Objects.requireNonNull(config, "config"));
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
    Objects.requireNonNull(start, "start");
    log.checkOpen();
    return new Reader(log, start);
  }

  /**
   * Cancels a delayed message: no group gets it, neither one that exists nor one that comes. When
   * this returns true the device has it, and groups count the message as done. A second cancel of
   * one message returns true again.
   *
   * @param offset of a message of this topic
   * @return false where it is too late because its time has come, be it handed out yet or not, and
   *     for a message without a time
   * @throws IllegalArgumentException when the topic has no such offset, or does not have it yet
   * @throws io.holdfast.storage.error.OffsetDroppedException when retention dropped the message
   * @throws io.holdfast.storage.error.DiskFullException when there is no room; nothing was done
   */
  public boolean cancel(long offset) {
    return DelayedCancel.cancel(log, engine.runtime(log).delays(), offset);
  }

  /**
   * Cancels a delayed message that was sent to this topic; see {@link #cancel(long)}.
   *
   * @param receipt of the message
   * @return false where it is too late, and for a message without a time
   * @throws IllegalArgumentException when the message is in another topic
   */
  public boolean cancel(Receipt receipt) {
    if (MessageId.of(number(), receipt.offset()) != receipt.messageId()) {
      throw new IllegalArgumentException(
          this + " has number " + number() + ", and message "
              + Long.toUnsignedString(receipt.messageId()) + " is in number "
              + (receipt.messageId() >>> 48));
    }
    return cancel(receipt.offset());
  }

  /**
   * Returns how many messages wait for their time.
   *
   * @return as groups have met them since the opening, or as the runs on disk have them
   */
  public DelayedMessages delayed() {
    return engine.runtime(log).delayed();
  }

  /**
   * Forgets the sequences of a producer, so that its name may begin anew at any sequence, and makes
   * room for another one: a topic remembers 10,000 names. When this returns the device has it.
   *
   * @param name of the producer
   * @return false where the topic remembered none
   * @throws io.holdfast.engine.error.ProducerNameInUseException when a producer of this name is
   *     open
   * @throws io.holdfast.storage.error.DiskFullException when there is no room
   */
  public boolean forgetProducer(String name) {
    engine.checkNotOpen(log, name);
    return engine.runtime(log).dedup().forget(name);
  }

  @Override
  public String toString() {
    return "topic " + name();
  }

  TopicLog log() {
    return log;
  }
}
