package io.holdfast.engine.crash;

import io.holdfast.engine.group.DeadLetterStep;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Some of the moments at which a crash could come, each with about the same chance: before a call
 * to a file, after a step of the script, between the steps of a dead letter. Its fields are guarded
 * by the lock of the file system.
 */
final class Moments {
  private final CrashFileSystem disk;
  private final AtomicLong clock;
  private final Quiet quiet = new Quiet();
  private final Random choice;
  private final List<Moment> taken = new ArrayList<>();
  private Ledger ledger;
  private int most;
  private int offered;

  Moments(CrashFileSystem disk, AtomicLong clock, long seed) {
    this.disk = disk;
    this.clock = clock;
    this.choice = new Random(seed);
    disk.watch(this::before);
  }

  /**
   * Begins to take moments, in the place of those before.
   *
   * @param mostOfThem 0 takes none
   * @param of what the moments promise
   * @return those before
   */
  List<Moment> next(int mostOfThem, Ledger of) {
    List<Moment> before = new ArrayList<>();
    disk.still(
        () -> {
          before.addAll(taken);
          taken.clear();
          offered = 0;
          most = mostOfThem;
          ledger = of;
        });
    return before;
  }

  /** Zeros that make room are many and all alike: few count. */
  private void before(Call call) {
    quiet.here();
    if (call.kind() != Call.Kind.WRITE || most > 0 && choice.nextInt(20) == 0) {
      offer("before " + call.kind() + " " + call.path());
    }
  }

  /** A dead letter has come to a step. */
  void at(DeadLetterStep step) {
    quiet.here();
    here("at " + step);
  }

  /** The script has come to a point. */
  void here(String what) {
    disk.still(() -> offer(what));
  }

  private void offer(String what) {
    if (most == 0) {
      return;
    }
    offered++;
    int place = taken.size() < most ? taken.size() : choice.nextInt(offered);
    if (place < most) {
      Moment moment = Moment.now(what, disk, ledger, quiet, clock.get());
      if (place == taken.size()) {
        taken.add(moment);
      } else {
        taken.set(place, moment);
      }
    }
  }
}
