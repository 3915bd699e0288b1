package io.holdfast.storage;

import io.holdfast.storage.crash.CrashScripts;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Cuts the power of stores, and kills them, under random scripts: whatever subset of the pages and
 * names that were not forced the device has, a topic is a gap-free prefix of what was appended, at
 * least up to its durable point, begins where a drop left it, and shows no message of an earlier
 * life. Also cuts again inside recovery, and in the life after it.
 *
 * <p>{@code -Dholdfast.powerloss.states=n} asks for more states, {@code
 * -Dholdfast.powerloss.seed=n} replays a run: the script is the same, but the store's own threads
 * run meanwhile, and so the moments of the crashes come close and are not the same.
 */
class PowerLossTest {
  private final long seed = Long.getLong("holdfast.powerloss.seed", System.nanoTime());
  private final int wanted = Integer.getInteger("holdfast.powerloss.states", 1_000);

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void whateverThePowerCutLeavesIsAPrefixThatHoldsWhatWasConfirmed() {
    CrashScripts.run(
        "PowerLossTest (storage)",
        seed,
        wanted,
        of -> {
          CrashRun run = new CrashRun(of);
          run.run();
          return new CrashScripts.Counts(run.states(), run.repeated(), run.recycled());
        });
  }
}
