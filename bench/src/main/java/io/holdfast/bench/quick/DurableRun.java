package io.holdfast.bench.quick;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * All of P6 in one JVM, one after the other, each in a directory of its own: so what is compared is
 * compiled alike, and lies seconds apart on the same disk.
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
    for (int senders : SENDERS) {
      part(
          new PowerLossRun(),
          Integer.toString(senders),
          directory,
          arguments.with("senders", senders),
          figures);
      if (senders == 1) { // right behind the one it is held against
        part(new BareForceRun(), "bare", directory, arguments, figures);
      }
    }
    part(new AsyncRun(), "async", directory, arguments.with("pending", PENDING), figures);
  }

  private static void part(
      Workload workload, String name, Path directory, Arguments arguments, Figures figures)
      throws Exception {
    Figures own = new Figures();
    workload.run(ContenderKind.OURS_KEEP, made(directory.resolve(name)), arguments, own);
    figures.putAll(name + ".", own);
  }

  private static Path made(Path directory) throws IOException {
    return Files.createDirectory(directory);
  }
}
