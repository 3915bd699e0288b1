package io.holdfast.storage;

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
 * -Dholdfast.powerloss.seed=n} replays a run.
 */
class PowerLossTest {
  private final long seed = Long.getLong("holdfast.powerloss.seed", System.nanoTime());
  private final int wanted = Integer.getInteger("holdfast.powerloss.states", 1_000);

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void whateverThePowerCutLeavesIsAPrefixThatHoldsWhatWasConfirmed() {
    System.out.printf("PowerLossTest: -Dholdfast.powerloss.seed=%d%n", seed);
    int states = 0;
    int recycled = 0;
    long script = 0;
    for (; states < wanted; script++) {
      CrashRun run = new CrashRun(seed + script);
      try {
        run.run();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(
            "-Dholdfast.powerloss.seed=%d (first script): %s".formatted(seed + script, e), e);
      }
      states += run.states();
      recycled += run.recycled();
    }
    System.out.printf(
        "PowerLossTest: %d states of %d scripts, %d segments used again%n",
        states, script, recycled);
  }
}
