package io.holdfast.engine.crash;

import io.holdfast.engine.GroupConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a group was told of its topics' messages. Guarded by the lock of its {@link Ledger}. */
final class GroupLedger {
  final String name;
  final GroupConfig config;
  final Map<String, State> states = new LinkedHashMap<>(); // by topic
  boolean exists; // its creation was confirmed

  GroupLedger(String name, GroupConfig config) {
    this.name = name;
    this.config = config;
  }

  /** The claims of one topic. */
  static final class State {
    private static final long UNKNOWN = Long.MAX_VALUE;

    final long base;
    final List<Claim> claims = new ArrayList<>(); // what is missing is a claim of nothing
    boolean attached; // it was confirmed that the group has the topic
    long from = UNKNOWN; // where the group began, if the engine drops for itself

    State(long base) {
      this.base = base;
    }

    /** The claim of a message. */
    Claim claim(long offset) {
      while (base + claims.size() <= offset) {
        claims.add(new Claim());
      }
      return claims.get((int) (offset - base));
    }

    /** It is known by now where the group began, or can have begun. */
    void beganAt(TopicLedger topic, long mark) {
      boolean drops = topic.keeping != TopicLedger.Keeping.FOREVER;
      from = drops && from == UNKNOWN ? mark : from;
    }

    /** The first message that is certainly the group's, if it is there. */
    long first(TopicLedger topic) {
      return from == UNKNOWN ? topic.begins : Math.max(topic.begins, from);
    }

    /** How far the group may be done with everything. */
    long mayBeDoneTo(TopicLedger topic) {
      long offset = from == UNKNOWN ? topic.planned() : first(topic);
      while (offset < topic.planned() && claim(offset).mayBeDone()) {
        offset++;
      }
      return offset;
    }

    void cutAt(long offset) {
      int kept = (int) Math.max(0, offset - base);
      if (kept < claims.size()) {
        claims.subList(kept, claims.size()).clear();
      }
    }

    State copy() {
      State copy = new State(base);
      copy.attached = attached;
      copy.from = from;
      claims.forEach(claim -> copy.claims.add(claim.copy()));
      return copy;
    }
  }

  GroupLedger copy() {
    GroupLedger copy = new GroupLedger(name, config);
    copy.exists = exists;
    states.forEach((topic, state) -> copy.states.put(topic, state.copy()));
    return copy;
  }

  long digest() {
    long digest = name.hashCode() + (exists ? 1 : 0);
    for (Map.Entry<String, State> entry : states.entrySet()) {
      digest = digest * 31 + entry.getKey().hashCode() + (entry.getValue().attached ? 1 : 0);
      for (Claim claim : entry.getValue().claims) {
        digest = digest * 1_000_003 + claim.digest();
      }
    }
    return digest;
  }
}
