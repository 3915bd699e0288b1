package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holdfast.storage.SmallDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that becomes full at any page that an engine takes: it has a number of free pages, then
 * none, then room again. The engine says so with a named error and nothing else, settles all the
 * same, loses nothing and goes on by itself, also when it was closed and opened meanwhile.
 *
 * <p>{@code -Dholdfast.fulldisk.points=N} takes so many numbers of free pages, chosen by {@code
 * -Dholdfast.fulldisk.seed=N}; {@code all} takes all. {@code -Dholdfast.fulldisk.point=N} one.
 */
class FullDiskPointsTest {
  private static final int MEBIBYTES = 24;
  private static final int WORKS = 50; // on a full disk, until it is told

  /** A topic or a group that could not be made is not there. */
  private static final Set<String> NAMED =
      Set.of("DiskFullException", "UnknownTopicException", "UnknownGroupException");

  @TempDir Path mount;

  private final Logger log = Logger.getLogger("io.holdfast");
  private final long seed = Long.getLong("holdfast.fulldisk.seed", System.nanoTime());
  private Optional<SmallDisk> mounted = Optional.empty();
  private long least = Long.MAX_VALUE; // free pages in the first run
  private int errors;
  private long confirmed;
  private long acked;
  private long dead;

  @BeforeEach
  void mountDisk() throws IOException {
    mounted = SmallDisk.mount(mount, MEBIBYTES);
    if (mounted.isEmpty()) {
      System.out.println("FullDiskPointsTest is skipped: it mounts a tmpfs, which takes root");
    }
    assumeTrue(mounted.isPresent(), "a tmpfs can be mounted");
  }

  @AfterEach
  void unmountDisk() throws IOException {
    log.setLevel(null);
    if (mounted.isPresent()) {
      mounted.get().close();
    }
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.HOURS)
  void aDiskMayBeFullAtAnyPageAndNothingIsLostAndAllGoesOn() {
    log.setLevel(Level.OFF); // each full disk once
    SmallDisk disk = mounted.orElseThrow();
    long whole = disk.freePages();
    run(disk, whole);
    long needed = whole - least;
    List<String> failures = new ArrayList<>();
    List<Long> chosen = FaultPoints.chosen("fulldisk", needed, seed);
    for (long pages : chosen) {
      List<String> wrong = run(disk, pages);
      if (!wrong.isEmpty()) {
        failures.add(wrong + "; replay with -Dholdfast.fulldisk.point=%d".formatted(pages));
      }
    }
    System.out.printf(
        "FullDiskPointsTest: %,d of %,d points, %,d errors told, %,d confirmed, "
            + "%,d acked, %,d dead letters, %,d violations; -Dholdfast.fulldisk.seed=%d%n",
        chosen.size(), needed, errors, confirmed, acked, dead, failures.size(), seed);
    assertEquals(List.of(), failures, () -> String.join("\n", failures));
  }

  private List<String> run(SmallDisk disk, long pages) {
    disk.leave(pages);
    FaultScript script = new FaultScript(disk.directory(), seed);
    boolean opened = script.open();
    if (opened) {
      script.work();
      least = Math.min(least, disk.freePages());
      disk.fill(); // how much the work takes depends on what was prepared ahead
      for (int i = 0; i < WORKS && script.errors() == 0; i++) {
        script.work();
      }
      if (random(pages + 1)) { // closed and opened on the full disk
        script.close();
        opened = script.open();
      }
    }
    boolean met = script.errors() > 0;
    disk.free();
    List<String> wrong = new ArrayList<>();
    if (!met) {
      wrong.add("no full disk was told");
    }
    if (opened || script.open()) {
      if (script.isPoisoned()) {
        wrong.add("a full disk has poisoned the store");
      }
      script.goOn(() -> false);
      script.close();
    } else {
      wrong.add("it does not open when there is room");
    }
    wrong.addAll(script.violations());
    script.errorTypes().stream().filter(type -> !NAMED.contains(type)).forEach(wrong::add);
    List<FaultLedger> ledgers = script.ledgers();
    wrong.addAll(FaultCheck.of(disk.directory(), ledgers, true));
    for (FaultLedger ledger : ledgers) {
      confirmed += ledger.confirmedCount();
      acked += ledger.ackedCount();
      dead += ledger.deadCount();
    }
    errors += script.errors();
    TestStores.delete(disk.directory());
    return wrong;
  }

  private boolean random(long pages) {
    return new Random(seed + pages).nextBoolean();
  }
}
