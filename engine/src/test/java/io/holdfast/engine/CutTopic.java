package io.holdfast.engine;

import io.holdfast.storage.Durability;
import java.time.Duration;

/**
 * A topic of the store whose power is cut: one of each durability. Two groups read each of them,
 * one that tries for ever and one whose messages become dead letters.
 */
enum CutTopic {
  /** What was confirmed is there. */
  POWER("power", Durability.powerLoss()),
  /** What was forced is there. */
  INTERVAL("interval", Durability.interval(Duration.ofMillis(20))),
  /** What was forced is there, which is little. */
  PROCESS("process", Durability.processCrash());

  /** The group that tries for ever. */
  static final String PATIENT = "patient";
  /** The group with dead letters. */
  static final String STRICT = "strict";
  /** Failures after which a message of the strict group is dead. */
  static final int STRICT_ATTEMPTS = 2;

  private final String topicName;
  private final Durability durability;

  CutTopic(String topicName, Durability durability) {
    this.topicName = topicName;
    this.durability = durability;
  }

  String topicName() {
    return topicName;
  }

  /** Whether a confirmation, and a dead letter, survive a power cut. */
  boolean forces() {
    return durability.forcesBeforeConfirming();
  }

  String letters() {
    return topicName + "." + STRICT + ".dlq";
  }

  Topic in(Engine engine) {
    TopicConfig config =
        TopicConfig.builder()
            .durability(durability)
            .maxMessageSize(16 << 10)
            .segmentSize(1 << 20)
            .retention(Retention.forever()) // it drops by hand, and says so
            .build();
    return engine.topic(topicName, config);
  }

  /** A group on all three. */
  static Group group(Engine engine, String name) {
    GroupConfig.Builder config =
        GroupConfig.builder().backoff(Backoff.fixed(Duration.ofMillis(5))).maxInFlight(200);
    config =
        name.equals(STRICT) ? config.maxAttempts(STRICT_ATTEMPTS) : config.unlimitedAttempts();
    Group group = engine.group(name, config.build());
    for (CutTopic topic : values()) {
      group.topics(topic.topicName);
    }
    return group;
  }

  static CutTopic named(String topicName) {
    for (CutTopic topic : values()) {
      if (topic.topicName.equals(topicName)) {
        return topic;
      }
    }
    throw new IllegalArgumentException(topicName);
  }
}
