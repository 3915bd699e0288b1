package io.holdfast.storage.crash;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An error that the n-th call of a kind to a file system gets, once, or each such call from then on
 * until it is {@link #end ended}. Thread-safe.
 */
public final class Fault implements Call.Watcher {
  private final Error error;
  private final long nth;
  private final boolean lasting;
  private long seen; // guarded by this
  private Call first; // guarded by this
  private boolean ended; // guarded by this

  /** What the system says, and of which calls. */
  public enum Error {
    /** The device fails; any call that changes something. */
    IO("Input/output error"),
    /** There is no room; calls that need some. */
    FULL("No space left on device"),
    /** The device fails; calls that only look. */
    READ("Input/output error");

    private final String text;

    Error(String text) {
      this.text = text;
    }

    /** A write over what a file has needs no room, and neither does a force or a deletion. */
    private boolean concerns(Call call) {
      return switch (call.kind()) {
        case OPEN, READ, MAP, LIST, LOOK -> this == READ;
        case CREATE, MAKE_DIRECTORY, RENAME -> this != READ;
        case WRITE -> this == IO || this == FULL && grows(call.path());
        default -> this == IO;
      };
    }

    private static boolean grows(Path file) {
      String name = file.getFileName().toString();
      boolean segment = file.getParent().getParent().endsWith("topics") && name.endsWith(".log");
      return !segment && !name.equals("store.ctl");
    }
  }

  /**
   * Makes a fault.
   *
   * @param error what the call gets
   * @param nth which call that the error concerns, from 1; 0 for none, which counts them
   * @param lasting whether the later ones get it too
   */
  public Fault(Error error, long nth, boolean lasting) {
    this.error = error;
    this.nth = nth;
    this.lasting = lasting;
  }

  @Override
  public synchronized void before(Call call) throws IOException {
    if (!error.concerns(call)) {
      return;
    }
    seen++;
    boolean due = nth > 0 && (lasting && !ended ? seen >= nth : seen == nth);
    if (due && !ended) {
      first = first == null ? call : first;
      throw new IOException(error.text);
    }
  }

  /**
   * Has it on a file system, in the place of the one before.
   *
   * @param disk whose calls are watched
   */
  public void on(CrashFileSystem disk) {
    if (error == Error.READ) {
      disk.watchReads(this);
    } else {
      disk.watch(this);
    }
  }

  /** No call fails any more. */
  public synchronized void end() {
    ended = true;
  }

  /**
   * Calls so far that the error concerns.
   *
   * @return those that got it too
   */
  public synchronized long seen() {
    return seen;
  }

  /**
   * The first call that has failed.
   *
   * @return empty when none has
   */
  public synchronized Optional<Call> first() {
    return Optional.ofNullable(first);
  }

  /**
   * What a call gets.
   *
   * @return as it was made
   */
  public Error error() {
    return error;
  }

  @Override
  public String toString() {
    return "%s at call %d, %s".formatted(error, nth, lasting ? "lasting" : "once");
  }
}
