package io.holdfast.engine;

import io.holdfast.storage.history.Deliveries;
import io.holdfast.storage.history.Letters;
import java.util.Optional;

/** The dead letters of one group of a kill run, as they come. One thread. */
final class KillLetters {
  private static final int KEPT = 300;

  private final String name;
  private final Deliveries group;
  private final Letters letters;
  private long next;
  private long expired;

  KillLetters(String group, Deliveries told) {
    this.name = KillPlan.TOPIC + "." + group + ".dlq";
    this.group = told;
    this.letters = told.letters();
  }

  /** Dead letters so far. */
  long count() {
    return next;
  }

  /** Those of them whose time was over. */
  long expired() {
    return expired;
  }

  /** Reads what is new, and forgets what is old. */
  void read(Engine engine) {
    topic(engine)
        .ifPresent(
            topic -> {
              next = read(topic, letters, next);
              topic.log().dropBefore(next - KEPT);
            });
  }

  /** Reads all that is kept: each that was there is there, once. */
  void readAgain(Engine engine) {
    Letters all = group.letters();
    Optional<Topic> topic = topic(engine);
    topic.ifPresent(found -> read(found, all, found.firstOffset()));
    all.ends(topic.map(Topic::firstOffset).orElse(0L));
  }

  private Optional<Topic> topic(Engine engine) {
    return engine.topics().contains(name) ? Optional.of(engine.topic(name)) : Optional.empty();
  }

  private long read(Topic topic, Letters to, long from) {
    try (Reader reader = topic.reader(StartAt.offset(from))) {
      while (reader.poll(view -> letter(view, to), 1_000) > 0) {
        // until nothing more is visible
      }
      return reader.offset();
    }
  }

  private void letter(MessageView view, Letters to) {
    long offset = Long.parseLong(view.header("dlq.offset").orElseThrow());
    int attempts = Integer.parseInt(view.header("dlq.attempts").orElseThrow());
    if (to == letters && view.header("dlq.reason").orElseThrow().equals("expired")) {
      expired++;
    }
    to.letter(view.offset(), offset, attempts, KillJudge.stamp(view));
  }
}
