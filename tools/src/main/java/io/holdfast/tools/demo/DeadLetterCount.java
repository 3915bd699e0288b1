package io.holdfast.tools.demo;

import io.holdfast.engine.Message;
import io.holdfast.engine.message.AttributeReader;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.format.RecordType;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/** The dead letters of a topic as they stand on disk: of which messages, and why. */
final class DeadLetterCount {
  private final BitSet offsets = new BitSet();
  private final Map<String, Long> causes = new TreeMap<>();
  private long twice;

  /** Reads a dead-letter topic. */
  static DeadLetterCount of(TopicView topic) {
    DeadLetterCount count = new DeadLetterCount();
    try (TopicWalk walk = TopicWalk.of(topic, 0)) {
      for (SegmentWalk.Step step = walk.next();
          step != SegmentWalk.Step.END;
          step = walk.next()) {
        if (step == SegmentWalk.Step.RECORD && walk.record().type() == RecordType.DATA) {
          count.take(attributes(walk.record(), topic.name()));
        }
      }
    }
    return count;
  }

  /** Key, subject and headers of a record; its payload stays where it is. */
  static Message attributes(SegmentScanner record, String where) {
    byte[] attributes = record.body(0, record.attributesLength());
    return AttributeReader.read(attributes, 0, attributes.length, new byte[0], where).message();
  }

  private void take(Message letter) {
    int offset = Integer.parseInt(letter.header("dlq.offset").orElse("0"));
    twice += offsets.get(offset) ? 1 : 0;
    offsets.set(offset);
    String reason = letter.header("dlq.reason").orElse("?");
    String error = letter.header("dlq.error.class").orElse("");
    String message = letter.header("dlq.error.message").orElse("");
    int colon = message.indexOf(':');
    String about = colon < 0 ? message : message.substring(0, colon);
    String type = error.substring(error.lastIndexOf('.') + 1);
    boolean plain = type.isEmpty() || type.equals(reason);
    causes.merge(reason + ": " + (plain ? about : type + ", " + about), 1L, Long::sum);
  }

  /** Offsets of the messages that became dead letters. */
  BitSet offsets() {
    return offsets;
  }

  /** How many of each cause. */
  Map<String, Long> causes() {
    return causes;
  }

  /** Letters of a message that has one already: there must be none. */
  long twice() {
    return twice;
  }
}
