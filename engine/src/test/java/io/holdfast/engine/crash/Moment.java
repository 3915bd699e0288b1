package io.holdfast.engine.crash;

import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;

/**
 * A moment at which an engine could have died, between two calls to its files or two steps of its
 * user, and what it had promised by then.
 *
 * @param what comes next, for people
 * @param point the file system
 * @param before what was promised before the file system was looked at
 * @param after what was possible after that
 * @param quiet whether nobody stored to memory meanwhile, so that a killed process may leave it
 * @param time of the engine's clock
 */
record Moment(
    String what, CrashPoint point, Ledger before, Ledger after, boolean quiet, long time) {

  /** Takes hold of it. */
  static Moment now(String what, CrashFileSystem disk, Ledger ledger, Quiet quiet, long time) {
    Object was = quiet.look();
    Ledger before = ledger.copy();
    CrashPoint point = disk.point();
    Ledger after = ledger.copy();
    return new Moment(what, point, before, after, quiet.isStill(was), time);
  }

  /** What a crash at this moment leaves for certain, and what it may leave. */
  Ledger left(boolean killed) {
    return Ledger.left(before, after, killed);
  }
}
