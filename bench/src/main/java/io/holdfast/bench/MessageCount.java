package io.holdfast.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * One thread's count of messages, which JMH shows a second beside the operations. It stands alone
 * because JMH sets every public field of such a class to 0 before each iteration.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class MessageCount {
  /** Messages of this iteration. */
  public long messages;

  /** Makes a count of 0. */
  public MessageCount() {
    // The field is 0.
  }
}
