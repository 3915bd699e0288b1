package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.file.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Kills a salvage, and cuts its power, between any two calls to its file system: the topic stays
 * shut or is whole, and a second salvage ends where the first would have.
 *
 * <p>{@code -Dholdfast.salvage.runs=n} asks for more salvages, {@code -Dholdfast.salvage.seed=n}
 * replays a run.
 */
class SalvageCrashTest {
  private final long seed = Long.getLong("holdfast.salvage.seed", System.nanoTime());
  private final int runs = Integer.getInteger("holdfast.salvage.runs", 1);
  private final Random random = new Random(seed);

  private CrashPoint damaged;
  private SortedMap<Long, String> good;
  private SalvageReport expected;

  /** Three bad records, a segment that is gone, and one that was named ahead: every step occurs. */
  @BeforeEach
  void makeDamagedStore() throws IOException {
    System.out.printf("SalvageCrashTest: -Dholdfast.salvage.seed=%d%n", seed);
    CrashFileSystem disk = CrashFileSystem.create();
    Path store = store(disk);
    SalvageFixture.fill(store, "t");
    Path topic = store.resolve("topics/t");
    flip(topic, 40); // the later one first: a position is found by reading
    flip(topic, 20);
    flip(topic, 3);
    long last = SegmentFiles.list(topic).lastKey();
    UUID id = StoreView.open(store).id().orElseThrow();
    RecycledFixture.nameAhead(
        SegmentFiles.log(topic, 4), SegmentFiles.log(topic, last + 1), id, 99);
    Files.delete(SegmentFiles.log(topic, 4));
    damaged = disk.point();
    good = SalvageFixture.whole(store(whole()), "t");
    CrashFileSystem uncut = whole();
    expected = salvage(uncut);
    assertEquals(good, SalvageFixture.whole(store(uncut), "t"));
    assertEquals(good.size(), expected.endOffset() - expected.lost());
    assertTrue(expected.kept() > 0 && expected.made() > 4, expected::toString);
  }

  private CrashFileSystem whole() {
    return damaged.cut(random, 4096, 1);
  }

  private static Path store(CrashFileSystem disk) {
    return disk.getPath("/store");
  }

  private static void flip(Path topic, long offset) throws IOException {
    Path segment = SalvageFixture.fileOf(topic, offset);
    long at = DiskFixture.position(segment, offset) + 100;
    try (FileChannel channel =
        DurableFiles.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) ~one.get(0)).flip();
      channel.write(one, at);
    }
  }

  private static SalvageReport salvage(CrashFileSystem disk) {
    return TopicSalvage.salvage(store(disk), "t", LogFixture.clockAt(5_000_000));
  }

  /** The moments of a salvage at which a crash could come. */
  private List<CrashPoint> moments(CrashFileSystem disk) {
    List<CrashPoint> moments = new ArrayList<>();
    disk.watch(
        call -> {
          if (random.nextInt(oneOf(call.kind())) == 0) {
            moments.add(disk.point());
          }
        });
    salvage(disk);
    disk.watch(call -> {});
    return moments;
  }

  /** What writes and forces the new segments comes before anything is decided. */
  private static int oneOf(Call.Kind kind) {
    return switch (kind) {
      case WRITE -> 100;
      case FORCE, CREATE -> 3;
      default -> 1;
    };
  }

  private CrashFileSystem crash(CrashPoint point) {
    int unit = random.nextBoolean() ? 512 : 4096;
    return switch (random.nextInt(5)) {
      case 0 -> point.killed();
      case 1 -> point.cut(random, unit, 0);
      case 2 -> point.cut(random, unit, 1);
      default -> point.cut(random, unit, random.nextDouble());
    };
  }

  @Test
  void aSalvageThatWasInterruptedAnywhereIsFinishedByTheNext() throws IOException {
    int states = 0;
    List<CrashPoint> moments = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      moments.addAll(moments(whole()));
    }
    for (CrashPoint moment : moments) {
      CrashFileSystem disk = crash(moment);
      if (random.nextInt(4) == 0) {
        List<CrashPoint> again = moments(disk);
        if (!again.isEmpty()) {
          disk = crash(again.get(random.nextInt(again.size())));
          states++;
        }
      }
      states++;
      if (random.nextInt(3) == 0) {
        isShutOrWhole(disk);
      }
      salvage(disk);
      isSalvaged(disk);
    }
    System.out.printf(
        "SalvageCrashTest: %d states of %d moments of a salvage%n", states, moments.size());
  }

  /** It would take what the salvage had put in the place of the old files for those files. */
  @Test
  void aPlanThatComesBackBecauseAKilledProcessNeverForcedItsEndDoesNoHarm() throws IOException {
    CrashFileSystem uncut = whole();
    List<Call> ends = new ArrayList<>();
    List<CrashPoint> killed = new ArrayList<>();
    uncut.watch(
        call -> {
          if (ends.size() == 1 && killed.isEmpty()) {
            killed.add(uncut.point());
          }
          if (call.kind() == Call.Kind.DELETE && call.path().toString().endsWith("/plan")) {
            ends.add(call);
          }
        });
    salvage(uncut);
    CrashFileSystem next = killed.get(0).killed();
    List<CrashPoint> moments = new ArrayList<>();
    next.watch(call -> moments.add(next.point()));
    salvage(next);
    for (CrashPoint moment : moments) {
      for (int i = 0; i < 12; i++) {
        CrashFileSystem disk = moment.cut(random, 4096, 0.5);
        salvage(disk);
        isSalvaged(disk);
      }
    }
  }

  private void isShutOrWhole(CrashFileSystem disk) {
    boolean planned = SalvagePlan.exists(store(disk).resolve("topics/t"));
    try (Store open = LogFixture.open(store(disk))) {
      TopicLog log = open.topic("t").orElseThrow();
      assertFalse(planned, "opened in the middle of a salvage");
      assertEquals(expected.endOffset(), log.endOffset());
    } catch (DamagedTopicException e) {
      assertTrue(planned || e.getMessage().contains("position"), e.getMessage());
    }
  }

  private void isSalvaged(CrashFileSystem disk) throws IOException {
    Path store = store(disk);
    assertEquals(good, SalvageFixture.whole(store, "t"));
    assertFalse(Files.exists(store.resolve("topics/t/salvage")));
    assertEquals(
        io.holdfast.storage.check.TopicReport.State.OK,
        SalvageFixture.verified(store, "t").state());
    try (Store open = LogFixture.open(store)) {
      assertEquals(expected.endOffset(), open.topic("t").orElseThrow().endOffset());
    }
    try (var kept = Files.walk(store.resolve("quarantine"))) {
      assertEquals(
          expected.setAside().size(),
          kept.filter(f -> f.toString().endsWith(".log")).count(),
          "each damaged file is kept once");
    }
  }

  @Test
  void aCallThatFailsEndsASalvageThatCanBeRunAgain() throws IOException {
    int failed = 0;
    CrashFileSystem uncut = whole();
    salvage(uncut);
    long calls = uncut.calls();
    for (int i = 0; i < 20 * runs; i++) {
      CrashFileSystem disk = whole();
      long first = disk.calls() + 1 + random.nextLong(calls);
      boolean[] done = {false};
      disk.watch(
          call -> {
            boolean ofTheLock = call.path().getParent().equals(store(disk));
            if (call.number() >= first && !ofTheLock && !done[0]) {
              done[0] = true;
              throw new IOException("the device said no");
            }
          });
      try {
        salvage(disk);
      } catch (StorageIoException e) {
        failed++;
      }
      disk.watch(call -> {});
      salvage(disk);
      isSalvaged(disk);
    }
    System.out.printf("SalvageCrashTest: %d of %d salvages failed once%n", failed, 20 * runs);
  }
}
