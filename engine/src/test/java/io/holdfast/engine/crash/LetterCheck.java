package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.MessageView;
import io.holdfast.engine.Reader;
import io.holdfast.engine.StartAt;
import java.util.HashMap;
import java.util.Map;

/** Judges the dead letters of a group and topic after all else has been drained. */
final class LetterCheck {
  private final OpenEngine open;
  private final GroupLedger group;
  private final TopicLedger topic;
  private final GroupLedger.State state;
  private final Map<Long, Integer> letters = new HashMap<>(); // by offset of the message

  private LetterCheck(OpenEngine open, GroupLedger group, TopicLedger topic) {
    this.open = open;
    this.group = group;
    this.topic = topic;
    this.state = group.states.get(topic.name);
  }

  /** All groups on all their topics. */
  static void all(OpenEngine open) {
    for (GroupLedger group : open.ledger.groups.values()) {
      for (String topic : group.states.keySet()) {
        LetterCheck check = new LetterCheck(open, group, open.ledger.topics.get(topic));
        check.read();
        check.judge();
      }
    }
  }

  private void read() {
    String name = topic.name + "." + group.name + ".dlq";
    if (!open.engine.topics().contains(name)) {
      return;
    }
    try (Reader reader = open.engine.topic(name).reader(StartAt.earliest())) {
      while (reader.poll(this::letter, 1_000) > 0) {
        // to the end
      }
    }
  }

  /** A letter is of a message that was there, and says so. */
  private void letter(MessageView letter) {
    byte[] payload = letter.toMessage().payload();
    int tag = TopicLedger.tagOf(payload);
    assertArrayEquals(TopicLedger.payload(tag), payload, "the content of a letter");
    long offset = Long.parseLong(letter.header("dlq.offset").orElseThrow());
    String[] id = letter.header("dlq.id").orElseThrow().split(":");
    assertEquals(Integer.toString(topic.log.number()), id[0], "the topic of a letter");
    assertEquals(Long.toString(offset), id[2], "the offset of a letter");
    assertEquals(group.name, id[3], "the group of a letter");
    boolean known = offset >= topic.base && offset < topic.planned();
    if (known && topic.tag(offset) == tag) {
      letters.merge(offset, 1, Integer::sum);
      checkReason(letter, state.claim(offset));
    } else {
      assertTrue(
          !topic.forces() && topic.gone.contains(tag),
          () -> "a letter of a message that was never there, offset " + offset);
    }
  }

  private void checkReason(MessageView letter, Claim claim) {
    String reason = letter.header("dlq.reason").orElseThrow();
    int failures = Integer.parseInt(letter.header("dlq.failures").orElseThrow());
    int attempts = Integer.parseInt(letter.header("dlq.attempts").orElseThrow());
    boolean crashed = reason.equals("crash");
    boolean failed = reason.equals("attempts") || crashed;
    if (reason.equals("expired")) {
      checkExpired(letter, failures, attempts, claim);
      return;
    }
    assertTrue(
        failed ? failures == group.config.maxAttempts() : reason.equals("rejected"),
        () -> reason + " after " + failures);
    String error = letter.header("dlq.error.class").orElseThrow();
    boolean ours = crashed ? error.equals("crash") : failed && error.equals("ackTimeout");
    String said = letter.header("dlq.error.message").orElseThrow();
    assertTrue(ours || said.equals(Settling.SAID), () -> error + ": " + said);
    assertTrue(
        attempts >= 1 && attempts <= claim.most || claim.loose,
        () -> "a letter after %d attempts: %s".formatted(attempts, claim));
  }

  private void checkExpired(MessageView letter, int failures, int attempts, Claim claim) {
    int tag = TopicLedger.tagOf(letter.toMessage().payload());
    long time = TopicLedger.time(tag).toEpochMilli();
    assertTrue(TopicLedger.mayExpire(tag) && time <= open.clock.get(), "expired before its time");
    assertTrue(failures < group.config.maxAttempts(), () -> "expired after " + failures);
    assertTrue(
        attempts <= claim.most || claim.loose,
        () -> "a letter after %d attempts: %s".formatted(attempts, claim));
  }

  private void judge() {
    boolean loses = topic.keeping == TopicLedger.Keeping.BOUNDED;
    for (long offset = state.first(topic); offset < topic.planned(); offset++) {
      Claim claim = state.claim(offset);
      int found = letters.getOrDefault(offset, 0);
      boolean mustDie = claim.mayBeDead && !claim.acked && !claim.mayBeAcked && !loses;
      int least = claim.dead || mustDie ? 1 : 0;
      int most = claim.dead || claim.mayBeDead ? 1 : 0;
      long of = offset;
      assertTrue(
          claim.loose || found >= least && found <= most,
          () -> "expected %d to %d letters of offset %d of %s by %s, found %d: %s"
              .formatted(least, most, of, topic.name, group.name, found, claim));
    }
  }
}
