package io.holdfast.engine.crash;

import io.holdfast.engine.Backoff;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Ordering;
import io.holdfast.storage.Durability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Random steps on an open engine: topics, groups, sends of all kinds, receives, settlings, time,
 * rolls, drops. What it does follows from its seed and from what the engine answers.
 */
final class EngineScript {
  private static final int MAX_TOPICS = 3;
  private static final int MAX_GROUPS = 2;
  private static final int MANY = 150; // more than a block of slots

  private final Random random;
  private final boolean crowded;

  EngineScript(long seed) {
    this.random = new Random(seed);
    this.crowded = random.nextInt(8) == 0;
  }

  /** Does so many steps, with a moment after each. */
  void live(OpenEngine open, int steps) {
    for (int step = 0; step < steps; step++) {
      if (open.ledger.topics.isEmpty()) {
        createTopic(open);
      } else if (open.ledger.groups.isEmpty()) {
        createGroup(open);
      } else {
        open.point(step(open));
      }
    }
  }

  private String step(OpenEngine open) {
    int kind = random.nextInt(44);
    if (kind < 8) {
      return send(open);
    }
    if (kind < 17) {
      return receive(open);
    }
    if (kind < 32 && !open.settling.outs().isEmpty()) {
      List<Out> outs = open.settling.outs();
      return settle(open, outs.get(random.nextInt(outs.size())));
    }
    switch (kind) {
      case 32, 33 -> {
        open.advance(Duration.ofMinutes(1 + random.nextInt(70)));
        return "after time has passed";
      }
      case 34 -> drop(open, anyTopic(open));
      case 35 -> roll(open, anyTopic(open));
      case 36 -> createTopic(open);
      case 37 -> createGroup(open);
      case 38 -> open.closeConsumer(anyGroup(open));
      case 39 -> attach(open, anyGroup(open));
      default -> commit(open);
    }
    return "after step " + kind;
  }

  /** A transaction that sends to one topic or several and acks some of what is out. */
  private void commit(OpenEngine open) {
    Map<TopicLedger, List<Integer>> sends = new TreeMap<>(Comparator.comparing(t -> t.name));
    for (TopicLedger topic : open.ledger.topics.values()) {
      if (Committing.maySendTo(topic) && random.nextInt(3) > 0) {
        sends.put(topic, tags(1 + random.nextInt(3), 8));
      }
    }
    List<Out> outs = new ArrayList<>(open.settling.outs());
    Collections.shuffle(outs, random);
    if (!sends.isEmpty()) {
      open.committing.commit(sends, outs.subList(0, Math.min(outs.size(), random.nextInt(4))));
    }
  }

  private void createTopic(OpenEngine open) {
    String name = "t" + (1 + random.nextInt(MAX_TOPICS));
    Durability durability =
        switch (random.nextInt(5)) {
          case 0, 1 -> Durability.processCrash();
          case 2 -> Durability.interval(Duration.ofMillis(1));
          default -> Durability.powerLoss();
        };
    TopicLedger.Keeping keeping =
        switch (random.nextInt(4)) {
          case 0, 1 -> TopicLedger.Keeping.UNTIL_CONSUMED;
          case 2 -> TopicLedger.Keeping.BOUNDED;
          default -> TopicLedger.Keeping.FOREVER;
        };
    if (!open.ledger.topics.containsKey(name)) {
      open.createTopic(name, durability, keeping);
    }
  }

  private void createGroup(OpenEngine open) {
    String name = "g" + (1 + random.nextInt(MAX_GROUPS));
    GroupConfig config =
        GroupConfig.builder()
            .ackTimeout(Duration.ofHours(1))
            .maxAttempts(1 + random.nextInt(3))
            .backoff(Backoff.fixed(Duration.ofMinutes(5)))
            .ordering(ordering())
            .build();
    if (!open.ledger.groups.containsKey(name)) {
      attach(open, open.createGroup(name, config));
    }
  }

  private Ordering ordering() {
    return switch (random.nextInt(6)) {
      case 0, 1 -> Ordering.byKey();
      case 2 -> Ordering.total();
      default -> Ordering.none();
    };
  }

  private void attach(OpenEngine open, GroupLedger group) {
    TopicLedger topic = anyTopic(open);
    if (!group.states.containsKey(topic.name)) {
      open.attach(group, topic);
    }
  }

  private String send(OpenEngine open) {
    TopicLedger topic = anyTopic(open);
    boolean bounded = topic.keeping == TopicLedger.Keeping.BOUNDED; // some may find no room
    boolean many = !bounded && crowded && random.nextInt(4) == 0;
    OpenEngine.Way[] ways = OpenEngine.Way.values();
    OpenEngine.Way way = ways[random.nextInt(bounded ? 2 : ways.length)];
    way = many ? OpenEngine.Way.AT_ONCE : way;
    open.send(topic, tags(many ? MANY : 1 + random.nextInt(4), 8), way);
    return "after a send";
  }

  /** Where the engine drops what is done, much of it is done before. */
  private void drop(OpenEngine open, TopicLedger topic) {
    if (topic.keeping == TopicLedger.Keeping.UNTIL_CONSUMED) {
      roll(open, topic);
      roll(open, topic);
      for (GroupLedger group : open.ledger.groups.values()) {
        open.settling.receive(group, MANY).forEach(open.settling::ack);
      }
    }
    open.drop(topic);
  }

  private void roll(OpenEngine open, TopicLedger topic) {
    open.send(topic, tags(16, 1), OpenEngine.Way.AT_ONCE);
  }

  private List<Integer> tags(int count, int oneLargeIn) {
    List<Integer> tags = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tags.add(TopicLedger.newTag(random, random.nextInt(oneLargeIn) == 0));
    }
    return tags;
  }

  private String receive(OpenEngine open) {
    int max = crowded ? 1 + random.nextInt(200) : 1 + random.nextInt(6);
    open.settling.receive(anyGroup(open), max);
    return "after a receive";
  }

  private String settle(OpenEngine open, Out out) {
    switch (random.nextInt(12)) {
      case 0, 1 -> open.settling.nack(out);
      case 2 -> open.settling.nack(out, Duration.ofMinutes(random.nextInt(20)));
      case 3 -> open.settling.reject(out);
      case 4 -> open.settling.release(out, Duration.ofMinutes(random.nextInt(2) * 10));
      case 5 -> open.settling.extend(out);
      default -> open.settling.ack(out);
    }
    return "after a settling of " + out.delivery();
  }

  private TopicLedger anyTopic(OpenEngine open) {
    List<TopicLedger> all = List.copyOf(open.ledger.topics.values());
    return all.get(random.nextInt(all.size()));
  }

  private GroupLedger anyGroup(OpenEngine open) {
    List<GroupLedger> all = List.copyOf(open.ledger.groups.values());
    return all.get(random.nextInt(all.size()));
  }

  /** A new message on each topic, where an earlier life may have had others. */
  void sendOneEach(OpenEngine open) {
    for (TopicLedger topic : open.ledger.topics.values()) {
      open.send(topic, tags(1, 8), OpenEngine.Way.ONE_BY_ONE);
    }
  }
}
