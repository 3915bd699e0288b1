package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Ordering;
import java.util.HashMap;
import java.util.Map;

/**
 * Judges the order of what groups with an order get, in one life of an engine: what a power cut
 * makes of an earlier life's acks may come late. Guarded by the lock of the {@link Ledger}.
 */
final class OrderCheck {
  private final Map<String, Long> fronts = new HashMap<>(); // the last one of a key in this life

  /** Judges a delivery, before the ledger knows of it. */
  void delivered(GroupLedger group, TopicLedger topic, long offset) {
    Ordering.Kind kind = group.config.ordering().kind();
    String key = key(kind, topic, offset);
    if (key == null) {
      return;
    }
    GroupLedger.State state = group.states.get(topic.name);
    boolean loses = topic.keeping == TopicLedger.Keeping.BOUNDED;
    for (long before = state.first(topic); before < offset; before++) {
      if (key.equals(key(kind, topic, before))) {
        long earlier = before;
        assertTrue(
            loses || state.claim(before).mayBeDone(),
            () -> "%s got offset %d of %s before %d of the same key: %s"
                .formatted(group.name, offset, topic.name, earlier, state.claim(earlier)));
      }
    }
    Long front = fronts.put(group.name + " " + topic.name + " " + key, offset);
    assertTrue(
        front == null || front <= offset,
        () -> "%s got offset %d of %s behind %d of the same key"
            .formatted(group.name, offset, topic.name, front));
  }

  /**
   * What a message waits for others by; null where it waits for nobody, and for one that has its
   * turn by the clock.
   */
  private static String key(Ordering.Kind kind, TopicLedger topic, long offset) {
    if (TopicLedger.isTimed(topic.tag(offset))) {
      return null;
    }
    return switch (kind) {
      case NONE -> null;
      case BY_KEY -> TopicLedger.key(topic.tag(offset));
      case TOTAL -> "all";
    };
  }
}
