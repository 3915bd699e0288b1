package io.holdfast.engine;

import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.history.Stamp;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * How one process of a kill run lives and dies.
 *
 * @param store where it works
 * @param durability of its topic
 * @param generation 0, 1, 2, ... on that store
 * @param seed of what it does
 * @param kind of the call before which it ends itself; null where it is killed from outside
 * @param where part of the path of that call; empty for any
 * @param nth of the calls of that kind there
 * @param atWork whether those calls count only once the store is open
 * @param millis after the beginning of its opening it is killed from outside; -1 where it may work
 * @param bytes of lines that it says before it is killed from outside, where it may work
 */
record KillPlan(
    Path store,
    Durability durability,
    int generation,
    long seed,
    Call.Kind kind,
    String where,
    long nth,
    boolean atWork,
    int millis,
    int bytes) {
  static final String TOPIC = "t";
  /** The group that never gives up a message. */
  static final String STUBBORN = "stubborn";
  /** The group that makes dead letters. */
  static final String STRICT = "strict";
  /** Failures that make one. */
  static final int ATTEMPTS = 3;
  /** The group that gets the messages of each key in order, and never gives one up. */
  static final String ORDERED = "ordered";

  private static final int KEYS = 100;
  private static final int LONGEST_DELAY = 80; // milliseconds
  private static final int MOST_UNFINISHED = 450; // more than a group has out: producers wait often
  private static final String NO_KIND = "-";
  private static final List<Call.Kind> KINDS =
      List.of(
          Call.Kind.CREATE,
          Call.Kind.WRITE,
          Call.Kind.FORCE,
          Call.Kind.FORCE_DIRECTORY,
          Call.Kind.RENAME,
          Call.Kind.DELETE);
  /** Dead letters are few, and so are forces of a group's files: all of their making. */
  private static final List<String> FEW = List.of(".dlq/", "/groups/");

  private static final int MOST_CALLS = 30;
  private static final int MOST_OPENING_CALLS = 8;
  private static final int LONGEST_OPENING = 100;
  private static final int MOST_BYTES = 300_000; // the lines of about two thousand messages
  private static final int LONG_LIVES = 5; // one in so many, in which files are used again

  /** More than half of all deaths are at a chosen call, a tenth in an opening, others anywhere. */
  static KillPlan random(Path store, Durability durability, int generation, Random random) {
    int how = random.nextInt(10);
    Call.Kind kind = how < 6 ? KINDS.get(random.nextInt(KINDS.size())) : null;
    boolean atWork = how < 4;
    String where = "";
    if (how < 2) {
      kind = Call.Kind.FORCE;
      where = FEW.get(how);
    }
    int calls = atWork ? 1 + random.nextInt(MOST_CALLS) : MOST_OPENING_CALLS;
    long nth = kind == null ? 0 : 1 + random.nextInt(calls);
    int millis = how == 6 ? random.nextInt(LONGEST_OPENING) : -1;
    int longer = random.nextInt(LONG_LIVES) == 0 ? LONG_LIVES * MOST_BYTES : 0;
    int bytes = longer + (kind != null ? MOST_BYTES : random.nextInt(MOST_BYTES));
    return new KillPlan(
        store, durability, generation, random.nextLong(), kind, where, nth, atWork, millis, bytes);
  }

  TopicConfig topic() {
    return TopicConfig.builder()
        .durability(durability)
        .maxMessageSize(10_000)
        .segmentSize(1 << 20) // the smallest that is recycled
        .maxMessages(MOST_UNFINISHED)
        .onFull(OnFull.block(Duration.ofMinutes(10)))
        .build();
  }

  static GroupConfig stubborn() {
    return config().unlimitedAttempts().build();
  }

  static GroupConfig ordered() {
    return config().unlimitedAttempts().ordering(Ordering.byKey()).build();
  }

  /** The key of a message; null for some, and for those that come later or not at all. */
  static String key(Stamp stamp) {
    long key = number(stamp) % KEYS;
    return key == 0 || isDelayed(stamp) || mayExpire(stamp) ? null : "k" + key;
  }

  /** Whether a message is sent to be delivered later. */
  static boolean isDelayed(Stamp stamp) {
    return number(stamp) / KEYS % 30 < 2;
  }

  /** Whether a message is of no use to anybody after a while; some come later, too. */
  static boolean mayExpire(Stamp stamp) {
    long kind = number(stamp) / KEYS % 30;
    return kind > 0 && kind < 3;
  }

  /** What is sent for a stamp, but the payload. */
  static Message.Builder timed(Message.Builder message, Stamp stamp) {
    long millis = number(stamp) % LONGEST_DELAY;
    if (isDelayed(stamp)) {
      message.delay(Duration.ofMillis(millis + 1));
    }
    if (mayExpire(stamp)) {
      message.timeToLive(Duration.ofMillis(2 * millis + 2));
    }
    return message;
  }

  private static long number(Stamp stamp) {
    return (stamp.sequence() * 31 + stamp.writer()) * 0x9E3779B97F4A7C15L >>> 20;
  }

  static GroupConfig strict() {
    return config().maxAttempts(ATTEMPTS).build();
  }

  private static GroupConfig.Builder config() {
    return GroupConfig.builder()
        .ackTimeout(Duration.ofHours(1)) // only a death takes a delivery away
        .backoff(Backoff.fixed(Duration.ofMillis(10)))
        .maxInFlight(300);
  }

  /** As arguments of the process. */
  List<String> arguments() {
    return List.of(
        store.toString(),
        durability.toString(),
        Integer.toString(generation),
        Long.toString(seed),
        kind == null ? NO_KIND : kind.name(),
        where,
        Long.toString(nth),
        Boolean.toString(atWork));
  }

  /** What the process must know of its plan. */
  static KillPlan of(String[] arguments) {
    return new KillPlan(
        Path.of(arguments[0]),
        Durability.parse(arguments[1]),
        Integer.parseInt(arguments[2]),
        Long.parseLong(arguments[3]),
        arguments[4].equals(NO_KIND) ? null : Call.Kind.valueOf(arguments[4]),
        arguments[5],
        Long.parseLong(arguments[6]),
        Boolean.parseBoolean(arguments[7]),
        -1,
        0);
  }
}
