package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Backoff;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.group.DoneLayout;
import io.holdfast.storage.Durability;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A store whose topics have a million messages behind them, dropped, and a group that is done with
 * almost all of its first chunk of bits: a few messages later the next chunk is made and the first
 * one deleted. Immutable.
 *
 * @param point its files, closed
 * @param ledger what it promises
 * @param time of its clock
 */
record NearChunkEnd(CrashPoint point, Ledger ledger, long time) {
  private static final byte[] NOTHING = new byte[0];
  private static final int LEFT = 8; // messages up to the end of the chunk
  private static final int FILLERS = 30; // more than make a segment roll

  /** Makes it; takes a second or two. */
  static NearChunkEnd make() {
    CrashFileSystem disk = CrashFileSystem.create();
    AtomicLong clock = new AtomicLong(EngineCrashRun.EPOCH);
    Ledger ledger = new Ledger();
    try (OpenEngine open = OpenEngine.open(disk, ledger, clock, new Moments(disk, clock, 1))) {
      GroupConfig config =
          GroupConfig.builder()
              .ackTimeout(Duration.ofHours(1))
              .maxAttempts(2)
              .backoff(Backoff.fixed(Duration.ofMinutes(5)))
              .build();
      GroupLedger group = open.createGroup("g1", config);
      fill(open, "t1", Durability.powerLoss());
      fill(open, "t2", Durability.processCrash());
      ledger.topics.values().forEach(topic -> open.attach(group, topic));
      for (List<Out> got = open.settling.receive(group, 100);
          !got.isEmpty();
          got = open.settling.receive(group, 100)) {
        got.forEach(open.settling::ack);
      }
    }
    return new NearChunkEnd(disk.point(), ledger.copy(), clock.get());
  }

  private static void fill(OpenEngine open, String name, Durability durability) {
    TopicLog log = open.createLog(name, durability);
    RecordBatch batch = log.newBatch();
    long end = DoneLayout.OFFSETS - LEFT - FILLERS;
    while (log.endOffset() < end) {
      batch.clear();
      long room = end - log.endOffset();
      while (room-- > 0 && batch.add(NOTHING, 0, NOTHING, 0, 0)) {
        // as many as fit
      }
      log.append(batch);
      log.dropBefore(log.endOffset());
    }
    long before = log.firstOffset();
    byte[] filler = TopicLedger.payload(TopicLedger.FILLER);
    while (log.firstOffset() == before) {
      batch.clear();
      batch.add(NOTHING, 0, filler, 0, filler.length);
      log.append(batch);
      log.force(log.endOffset());
      log.dropBefore(log.endOffset());
    }
    TopicLedger topic =
        new TopicLedger(name, durability, TopicLedger.Keeping.FOREVER, log.firstOffset());
    while (topic.planned() < log.endOffset()) {
      topic.tags.add(TopicLedger.FILLER);
    }
    topic.exists = true;
    topic.log = log;
    open.ledger.note(() -> open.ledger.topics.put(name, topic));
    Random random = new Random(3);
    List<Integer> tags = new ArrayList<>();
    while (topic.planned() + tags.size() < DoneLayout.OFFSETS - LEFT) {
      tags.add(TopicLedger.newTag(random, false));
    }
    assertTrue(tags.size() > 0 && tags.size() < FILLERS, () -> tags.size() + " are left");
    open.send(topic, tags, OpenEngine.Way.AT_ONCE);
  }

  /** The store, opened by nobody. */
  CrashFileSystem disk() {
    return point.killed();
  }
}
