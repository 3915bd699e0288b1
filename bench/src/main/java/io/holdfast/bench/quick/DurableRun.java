package io.holdfast.bench.quick;

import java.nio.file.Path;
import java.util.List;

/**
 * All of P6 in one JVM.
 *
 * <p>Arguments: payload, warmupMillis, millis. Figures, each with what it is of before it: 1, 8, 64
 * (waiting senders), bare, async (64 pending): rate, cpu, messages.
 */
final class DurableRun implements Workload {
  /** Sends that are waited for at once. */
  static final List<Integer> SENDERS = List.of(1, 8, 64);

  /** Asynchronous sends that have no answer yet. */
  static final int PENDING = 64;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws Exception {
    Parts parts = new Parts(directory, figures);
    for (int senders : SENDERS) {
      parts.run(
          new PowerLossRun(), Integer.toString(senders), arguments.with("senders", senders));
      if (senders == 1) { // right behind the one it is held against
        parts.run(new BareForceRun(), "bare", arguments);
      }
    }
    parts.run(new AsyncRun(), "async", arguments.with("pending", PENDING).with("once", 0));
  }
}
