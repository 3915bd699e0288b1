package io.holdfast.storage.check;

import java.nio.file.Path;

/**
 * One thing that a check found: how bad it is, where it is, and what helps.
 *
 * @param severity how bad
 * @param file the file
 * @param position byte offset in it
 * @param endPosition where the range ends; the same as {@code position} when it is a place
 * @param offset the message offset that was expected there, or -1 where none applies
 * @param endOffset one past the last offset that is missing; the same as {@code offset} when none
 *     is
 * @param problem one clause: what was expected and what was found
 * @param help what to do
 */
public record Finding(
    Severity severity,
    Path file,
    long position,
    long endPosition,
    long offset,
    long endOffset,
    String problem,
    String help) {

  /** How bad a finding is. */
  public enum Severity {
    /** A crash may leave this, or it can be rebuilt: nothing that was promised is missing. */
    NOTE,
    /** An unfinished tail: the next opening cuts it, and nothing that was promised is missing. */
    TORN_TAIL,
    /** Bytes are not what was written. */
    DAMAGE
  }

  static Finding note(Path file, long position, String problem, String help) {
    return new Finding(Severity.NOTE, file, position, position, -1, -1, problem, help);
  }

  static Finding damage(Path file, long position, String problem, String help) {
    return new Finding(Severity.DAMAGE, file, position, position, -1, -1, problem, help);
  }

  /**
   * How many messages are missing here.
   *
   * @return 0 when none is, or it is not known
   */
  public long lost() {
    return endOffset - offset;
  }
}
