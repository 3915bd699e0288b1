package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import io.holdfast.storage.crash.Fault;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every call of an engine to its file system fails: once, or from then on. The caller is told with
 * an error of ours, the store is poisoned where a force failed, a full disk is got over, and what
 * was confirmed is there after a reopening and after a power cut.
 *
 * <p>{@code -Dholdfast.ioerror.points=N} takes so many points, chosen by {@code
 * -Dholdfast.ioerror.seed=N}; {@code all} takes all. {@code -Dholdfast.ioerror.point=N} one.
 */
class IoErrorTest {
  private final Logger log = Logger.getLogger("io.holdfast");
  private final long seed = Long.getLong("holdfast.ioerror.seed", System.nanoTime());
  private final List<String> failures = new ArrayList<>();
  private long confirmed;
  private long acked;
  private long dead;
  private int hits;
  private int poisoned;
  private int errors;

  @AfterEach
  void listen() {
    log.setLevel(null);
  }

  /** One run: which call fails, with what, how long. */
  private record Point(Fault.Error error, long nth, boolean lasting) {}

  private static Path store(CrashFileSystem disk) {
    return disk.getPath("/data/store");
  }

  @Test
  @Timeout(value = 3, unit = TimeUnit.HOURS)
  void anyCallMayFailAndTheCallerIsToldAndNothingConfirmedIsLost() {
    log.setLevel(Level.OFF); // each failure with its stack
    List<Point> all = new ArrayList<>();
    for (Fault.Error error : Fault.Error.values()) {
      long calls = run(new Point(error, 0, false));
      for (long nth = 1; nth <= calls; nth++) {
        all.add(new Point(error, nth, false));
        all.add(new Point(error, nth, true));
      }
    }
    List<Long> chosen = FaultPoints.chosen("ioerror", all.size(), seed);
    for (long number : chosen) {
      run(all.get((int) number), number);
    }
    System.out.printf(
        "IoErrorTest: %,d of %,d points, %,d calls failed, %,d errors told, %,d stores poisoned, "
            + "%,d confirmed, %,d acked, %,d dead letters, %,d violations; "
            + "-Dholdfast.ioerror.seed=%d%n",
        chosen.size(),
        all.size(),
        hits,
        errors,
        poisoned,
        confirmed,
        acked,
        dead,
        failures.size(),
        seed);
    assertEquals(List.of(), failures, () -> String.join("\n", failures));
    assertTrue(hits > chosen.size() / 2, "most points should be met");
  }

  private void run(Point point, long number) {
    String replay =
        "-Dholdfast.ioerror.point=%d -Dholdfast.ioerror.seed=%d".formatted(number, seed);
    CompletableFuture<Void> done = CompletableFuture.runAsync(() -> run(point));
    try {
      done.get(1, TimeUnit.MINUTES);
    } catch (TimeoutException e) {
      StringBuilder dump = new StringBuilder();
      Thread.getAllStackTraces()
          .forEach((thread, stack) -> dump.append(thread).append(List.of(stack)).append('\n'));
      throw new AssertionError(point + " hangs; replay with " + replay + "\n" + dump, e);
    } catch (ExecutionException | InterruptedException e) {
      failures.add(point + ": " + e.getMessage() + "; replay with " + replay);
    }
  }

  /** Gives the number of calls that could have failed. */
  private long run(Point point) {
    CrashFileSystem disk = CrashFileSystem.create();
    Fault fault = new Fault(point.error(), point.nth(), point.lasting());
    FaultScript script = new FaultScript(store(disk), seed);
    List<Cut> cuts = new ArrayList<>();
    fault.on(disk);
    for (int life = 0; life < 2; life++) {
      live(script, fault, disk, cuts);
    }
    hits += fault.first().isPresent() ? 1 : 0;
    errors += script.errors();
    Fault none = new Fault(point.error(), 0, false);
    none.on(disk);
    List<String> wrong = new ArrayList<>(script.violations());
    cuts.add(new Cut("in the end", disk.point(), snapshot(script)));
    wrong.addAll(FaultCheck.of(store(disk), snapshot(script), true));
    Random random = new Random(seed);
    for (Cut cut : cuts) {
      int unit = random.nextBoolean() ? 512 : 4096;
      CrashFileSystem left = cut.point().cut(random, unit, random.nextInt(2) / 2.0);
      for (String each : FaultCheck.of(store(left), cut.ledgers(), false)) {
        wrong.add("after a power cut " + cut.when() + ": " + each);
      }
    }
    for (FaultLedger ledger : script.ledgers()) {
      confirmed += ledger.confirmedCount();
      acked += ledger.ackedCount();
      dead += ledger.deadCount();
    }
    assertEquals(List.of(), wrong, () -> "with " + fault.first());
    return fault.seen();
  }

  /** A moment at which the power may go. */
  private record Cut(String when, CrashPoint point, List<FaultLedger> ledgers) {}

  private static List<FaultLedger> snapshot(FaultScript script) {
    return script.ledgers().stream().map(FaultLedger::snapshot).toList();
  }

  private void live(FaultScript script, Fault fault, CrashFileSystem disk, List<Cut> cuts) {
    boolean metBefore = fault.first().isPresent();
    if (script.open()) {
      boolean metOpening = fault.first().isPresent();
      script.work();
      boolean met = fault.first().isPresent() && !metBefore;
      if (met) {
        fault.end();
        cuts.add(new Cut("after it", disk.point(), snapshot(script)));
      }
      if (met && !metOpening && mustPoison(fault)) {
        awaitPoison(script, fault);
      }
      poisoned += script.isPoisoned() ? 1 : 0;
      if (!metOpening || fault.error() != Fault.Error.READ) { // else a group may be refused
        script.goOn(() -> !metBefore && !met && fault.first().isPresent());
      }
      if (!metBefore && !met && fault.first().isPresent()) { // on a thread of the store, since
        fault.end();
        script.goOn(() -> false);
      }
      script.close();
    }
    if (fault.first().isPresent()) {
      fault.end();
    }
  }

  /** A force of what counts; of a file that is still being made it is not. */
  private static boolean mustPoison(Fault fault) {
    Call call = fault.first().orElseThrow();
    String path = call.path().toString();
    return call.kind() == Call.Kind.FORCE
        && !path.contains("/pool/")
        && !path.contains(".tmp")
        && !path.contains(".idx");
  }

  /** It may have failed on a thread of the store. */
  private static void awaitPoison(FaultScript script, Fault fault) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!script.isPoisoned()) {
      assertTrue(System.nanoTime() - deadline < 0, () -> "not poisoned by " + fault.first());
      Thread.onSpinWait();
    }
  }
}
