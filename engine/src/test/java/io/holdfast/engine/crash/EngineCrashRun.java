package io.holdfast.engine.crash;

import io.holdfast.storage.crash.AtOnce;
import io.holdfast.storage.crash.CrashFileSystem;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A script on an engine in memory, crashed at some of its moments, also while it recovers and in
 * the life after it. Opens what each crash may leave, and judges it. A state that equals one that
 * was judged is not opened again.
 */
final class EngineCrashRun {
  /** A crash at this depth is followed by no other. */
  static final int MAX_DEPTH = 3;

  /** Where the clocks begin. */
  static final long EPOCH = 1_700_000_000_000L;
  private static final int SOME = 4;
  private static final double[] SHARES = {0, 0.1, 0.5, 0.9};

  private final long seed;
  private final Random random; // of the crashes; the script has its own
  private final Set<Long> judged = ConcurrentHashMap.newKeySet();
  private final AtomicLong repeated = new AtomicLong();
  private final AtomicInteger moments = new AtomicInteger();
  private final AtomicInteger inFull = new AtomicInteger();

  EngineCrashRun(long seed) {
    this.seed = seed;
    this.random = new Random(~seed);
  }

  /** Distinct states that were opened and judged. */
  int states() {
    return judged.size();
  }

  /** States that were found again. */
  long repeated() {
    return repeated.get();
  }

  /** Moments of which all states were opened, and moments. */
  String inFull() {
    return "%,d of %,d moments in full".formatted(inFull.get(), moments.get());
  }

  /** Runs one script from an empty file system, or from a store near the end of a chunk. */
  void run(NearChunkEnd near, int moments, int cuts) {
    boolean chunk = random.nextInt(8) == 0;
    CrashFileSystem disk = chunk ? near.disk() : CrashFileSystem.create();
    AtomicLong clock = new AtomicLong(chunk ? near.time() : EPOCH);
    Ledger ledger = chunk ? near.ledger().copy() : new Ledger();
    Moments sample = new Moments(disk, clock, seed);
    EngineScript script = new EngineScript(seed);
    sample.next(moments, ledger);
    int lives = 1 + random.nextInt(2);
    for (int life = 0; life < lives; life++) {
      try (OpenEngine open = OpenEngine.open(disk, ledger, clock, sample)) {
        open.follow();
        script.live(open, 10 + random.nextInt(50));
      }
    }
    crashAll(sample.next(0, ledger), cuts, 0);
  }

  /** Runs a script and opens every state that a power cut may leave at each of its moments. */
  void runAll(Consumer<OpenEngine> script, int choices) {
    CrashFileSystem disk = CrashFileSystem.create();
    AtomicLong clock = new AtomicLong(EPOCH);
    Ledger ledger = new Ledger();
    Moments every = new Moments(disk, clock, seed);
    every.next(Integer.MAX_VALUE, ledger);
    for (int life = 0; life < 2; life++) {
      try (OpenEngine open = OpenEngine.open(disk, ledger, clock, every)) {
        open.follow();
        script.accept(open);
      }
    }
    AtOnce.each(every.next(0, ledger), moment -> crashAll(moment, choices));
  }

  private void crashAll(Moment moment, int choices) {
    moments.incrementAndGet();
    if (moment.quiet()) {
      open(moment.point().killed(), moment, true, MAX_DEPTH, "killed");
    }
    if (moment.point().choices() <= choices) {
      inFull.incrementAndGet();
      for (CrashFileSystem cut : moment.point().allCuts()) {
        open(cut, moment, false, MAX_DEPTH, "a power cut");
      }
    } else {
      for (int i = 0; i < SOME; i++) {
        CrashFileSystem cut = moment.point().cut(random, 512, random.nextDouble());
        open(cut, moment, false, MAX_DEPTH, "a power cut");
      }
    }
  }

  private void crashAll(List<Moment> moments, int cuts, int depth) {
    for (Moment moment : moments) {
      for (int cut = 0; cut < cuts; cut++) {
        crash(moment, depth);
      }
    }
  }

  private void crash(Moment moment, int depth) {
    int unit = random.nextInt(3) == 0 ? 512 : 4096;
    int kind = random.nextInt(6);
    if (kind == 0 && moment.quiet()) {
      open(moment.point().killed(), moment, true, depth, "killed");
    } else if (kind == 1 && moment.quiet()) {
      CrashFileSystem whole = moment.point().cut(random, unit, 1);
      open(whole, moment, true, depth, "everything forced");
    } else {
      double share = SHARES[random.nextInt(SHARES.length)];
      String how = "a share of %s of %d bytes forced".formatted(share, unit);
      open(moment.point().cut(random, unit, share), moment, false, depth, how);
    }
  }

  /** Opens what a crash left. */
  void open(CrashFileSystem disk, Moment moment, boolean whole, int depth, String how) {
    Ledger expected = moment.left(whole);
    if (!judged.add(disk.fingerprint() * 31 + expected.digest())) {
      repeated.incrementAndGet();
      return;
    }
    try {
      recover(disk, moment, expected, depth);
    } catch (RuntimeException | IOException | AssertionError e) {
      throw new AssertionError("%s %s: %s".formatted(how, moment.what(), e.getMessage()), e);
    }
  }

  private void recover(CrashFileSystem disk, Moment moment, Ledger expected, int depth)
      throws IOException {
    boolean more = depth < MAX_DEPTH;
    if (random.nextInt(4) == 0) {
      EngineJudge.verify(disk);
    }
    AtomicLong clock = new AtomicLong(moment.time());
    Moments sample = new Moments(disk, clock, random.nextLong());
    sample.next(more ? random.nextInt(2) : 0, expected);
    EngineScript script = new EngineScript(random.nextLong());
    List<Moment> opening;
    try (OpenEngine open = OpenEngine.open(disk, expected, clock, sample)) {
      opening = sample.next(more ? random.nextInt(2) : 0, expected);
      new EngineJudge(open).check();
      if (random.nextInt(3) == 0) {
        script.live(open, 1 + random.nextInt(8));
      }
      script.sendOneEach(open);
      open.settling.drain();
      LetterCheck.all(open);
    }
    List<Moment> living = sample.next(0, expected);
    if (random.nextInt(8) == 0) {
      checkDone(disk, expected, clock, sample);
    }
    crashAll(opening, 1, depth + 1);
    crashAll(living, 1, depth + 1);
  }

  /** After a close everything is as it was: no damage, and nothing comes again. */
  private static void checkDone(
      CrashFileSystem disk, Ledger ledger, AtomicLong clock, Moments sample) throws IOException {
    EngineJudge.verify(disk);
    try (OpenEngine open = OpenEngine.open(disk, ledger, clock, sample)) {
      ledger.topics.values().forEach(
          topic -> {
            topic.end = topic.planned();
            topic.log = null;
          });
      new EngineJudge(open).check();
      open.settling.drain();
      LetterCheck.all(open);
    }
  }
}
