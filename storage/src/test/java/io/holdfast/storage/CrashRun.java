package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.check.VerifyReport;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Random scripts on stores in memory, crashed between any two calls to their file system, also
 * while they recover and in the life after it. Opens what each crash may leave, and judges it.
 *
 * <p>The store's own threads run meanwhile, so a replay of a seed comes close and is not the same.
 */
final class CrashRun {
  /** A crash at this depth is followed by no other. */
  static final int MAX_DEPTH = 3;

  private static final double[] SHARES = {0, 0.1, 0.5, 0.9};

  private final Random random;
  private final CrashScript script;
  private final AtomicInteger recycled = new AtomicInteger(); // the stores' threads
  private final Set<Long> judged = ConcurrentHashMap.newKeySet();
  private final AtomicLong repeated = new AtomicLong();

  CrashRun(long seed) {
    this.random = new Random(seed);
    this.script = new CrashScript(random);
  }

  /** Distinct states that were opened and judged. */
  int states() {
    return judged.size();
  }

  /** States that equalled one that was judged. */
  long repeated() {
    return repeated.get();
  }

  /** Segments that were used for another life. */
  int recycled() {
    return recycled.get();
  }

  /** Runs one script from an empty file system, and all crashes. */
  void run() {
    CrashFileSystem disk = CrashFileSystem.create();
    List<TopicHistory> histories = new CopyOnWriteArrayList<>();
    Sample sample = new Sample(12);
    disk.watch(call -> sample.offer(call, () -> CrashMoment.now(disk, call + "", histories)));
    try (Store store = Store.open(directory(disk), script.config())) {
      script.live(store, histories, 2 + random.nextInt(20));
    }
    crashAll(sample, 4, 0);
  }

  static Path directory(CrashFileSystem disk) {
    return disk.getPath("/data/store"); // two directories to be made
  }

  private void crashAll(Sample sample, int cuts, int depth) {
    for (CrashMoment moment : sample.taken()) {
      for (int cut = 0; cut < cuts; cut++) {
        crash(moment, depth);
      }
    }
  }

  private void crash(CrashMoment moment, int depth) {
    CrashPoint point = moment.point();
    int unit = random.nextInt(3) == 0 ? 512 : 4096;
    switch (random.nextInt(6)) {
      case 0 -> open(point.killed(), moment, true, depth, "killed");
      case 1 -> open(point.cut(random, unit, 1), moment, true, depth, "everything forced");
      default -> {
        double share = SHARES[random.nextInt(SHARES.length)];
        String how = "a share of %s of %d bytes forced".formatted(share, unit);
        open(point.cut(random, unit, share), moment, false, depth, how);
      }
    }
  }

  /** Opens what a crash left; at the greatest depth several threads may do so at once. */
  void open(CrashFileSystem disk, CrashMoment moment, boolean whole, int depth, String how) {
    if (!judged.add(disk.fingerprint() * 31 + moment.digest(whole))) {
      repeated.incrementAndGet();
      return;
    }
    try {
      recover(disk, moment, whole, depth);
    } catch (RuntimeException | IOException | AssertionError e) {
      throw new AssertionError(
          "%s before %s: %s".formatted(how, moment.before(), e.getMessage()), e);
    }
  }

  private void recover(CrashFileSystem disk, CrashMoment moment, boolean whole, int depth)
      throws IOException {
    Sample opening = new Sample(depth < MAX_DEPTH ? random.nextInt(2) : 0);
    Sample living = new Sample(depth < MAX_DEPTH ? random.nextInt(2) : 0);
    List<TopicHistory> left;
    boolean afterwards = random.nextInt(4) == 0; // what follows a close is seldom different
    if (random.nextInt(2) == 0 && Files.exists(directory(disk).resolve("store.ctl"))) {
      verifyCrashed(disk);
    }
    disk.watch(
        call -> opening.offer(call, () -> CrashMoment.opening(disk, call, moment, whole)));
    try (Store store = Store.open(directory(disk), script.config())) {
      left = moment.check(store, whole);
      List<TopicHistory> histories = new CopyOnWriteArrayList<>(left);
      if (depth < MAX_DEPTH && random.nextInt(3) == 0) {
        crash(CrashMoment.now(disk, "anything was called", histories), depth + 1);
      }
      disk.watch(call -> living.offer(call, () -> CrashMoment.now(disk, call + "", histories)));
      crashAll(opening, 1, depth + 1);
      if (depth < MAX_DEPTH) {
        script.live(store, histories, 1 + random.nextInt(4));
      } else {
        histories.forEach(history -> history.append(random, 3, 10, 200));
      }
      left = List.copyOf(histories);
    }
    disk.watch(call -> {});
    if (afterwards) {
      checkClosed(disk, left);
    }
    crashAll(living, 1, depth + 1);
  }

  private void checkClosed(CrashFileSystem disk, List<TopicHistory> left) throws IOException {
    verify(disk);
    try (Store store = Store.open(directory(disk), script.config())) {
      for (TopicRecovery found : store.recovery()) {
        assertEquals(TopicRecovery.Outcome.CLEAN, found.outcome(), found.toString());
      }
      for (TopicHistory history : left) {
        history.checkMessages(store.topic(history.name()).orElseThrow());
      }
    }
  }

  /** A crash is no damage, as the verifier sees it. */
  private static void verifyCrashed(CrashFileSystem disk) throws IOException {
    Files.deleteIfExists(directory(disk).resolve("store.owner")); // it names this process: alive
    StoreView view = StoreView.open(directory(disk));
    VerifyReport report = StoreVerifier.verify(view, view.topics(), topic -> {});
    assertFalse(report.damaged(), report.toString());
  }

  /** A store that was closed is whole, as the verifier sees it. */
  private static void verify(CrashFileSystem disk) throws IOException {
    StoreView view = StoreView.open(directory(disk));
    StoreVerifier.verify(
        view,
        view.topics(),
        topic -> assertEquals(List.of(), topic.findings(), topic.toString()));
    for (TopicView topic : view.topics()) {
      Set<Long> indexes = SegmentFiles.indexes(topic.directory()).keySet();
      Set<Long> segments = SegmentFiles.list(topic.directory()).keySet();
      assertTrue(segments.containsAll(indexes), indexes + " indexes of " + segments);
    }
    try (var pool = Files.list(directory(disk).resolve("pool"))) {
      assertEquals(List.of(), pool.toList());
    }
  }

  /** Some of the moments at which a crash could come: each call has about the same chance. */
  private final class Sample {
    private final int most;
    private final List<CrashMoment> taken = new ArrayList<>(); // under the file system's lock
    private int offered; // under the file system's lock
    private final Random choice = new Random(random.nextLong());

    Sample(int most) {
      this.most = most;
    }

    /** Zeros that are written to prepare a segment are many and all alike: few of them count. */
    void offer(Call call, Supplier<CrashMoment> moment) {
      if (call.path().toString().contains("/recycled-")) {
        recycled.addAndGet(call.kind() == Call.Kind.RENAME ? 1 : 0);
      }
      if (most == 0 || call.kind() == Call.Kind.WRITE && choice.nextInt(20) > 0) {
        return;
      }
      offered++;
      if (taken.size() < most) {
        taken.add(moment.get());
      } else if (choice.nextInt(offered) < most) {
        taken.set(choice.nextInt(most), moment.get());
      }
    }

    List<CrashMoment> taken() {
      return List.copyOf(taken);
    }
  }
}
