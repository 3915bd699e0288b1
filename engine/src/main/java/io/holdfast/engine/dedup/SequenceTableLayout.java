package io.holdfast.engine.dedup;

/**
 * Where things stand in the table of producer sequences, which the begin records of segments and
 * the file {@code sequences} hold: one entry a producer, one behind the other. Numbers are varints:
 * seven bits a byte, the lowest first, the top bit of all but the last byte set. A signed one, s,
 * stands as 2 * s, or as -2 * s - 1 below zero.
 *
 * <pre>
 *   0 u8 nameLength        bytes of the name, 1 to 64
 *   1 bytes name           ASCII
 *   1+nameLength varint floor   1 more than the highest sequence that is forgotten; 0 = none is
 *   .. varint runs         how many follow, ascending
 * </pre>
 *
 * <p>A run: sequences that follow each other, of messages that follow each other:
 *
 * <pre>
 *   0 varint sequence      the first one, minus the end of the run before; of the first run, floor
 *   .. svarint offset      of its message, minus the end of that run's; of the first run, 0
 *   .. varint count        how many, 1 to 1,024
 * </pre>
 */
final class SequenceTableLayout {
  /** Most bytes of an entry with one run. */
  static final int MOST_ENTRY = 1 + 64 + 10 + 2 + 10 + 10 + 2;

  /** About what another run takes. */
  static final int RUN_ESTIMATE = 6;

  /** Most bytes of a varint. */
  static final int MOST_VARINT = 10;

  /** Most bytes of a name. */
  static final int MOST_NAME = 64;

  private SequenceTableLayout() {}
}
