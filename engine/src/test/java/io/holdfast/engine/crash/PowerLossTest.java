package io.holdfast.engine.crash;

import io.holdfast.storage.crash.CrashScripts;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Kills engines and cuts their power under random scripts, at any call to their files, after any
 * step of their user and between the steps of a dead letter, and again inside recovery and in the
 * life after it.
 *
 * <p>After a kill nothing that was confirmed is lost, nothing comes again after its ack, attempts
 * only rise, nothing is skipped. After a power cut confirmed messages of powerLoss topics are
 * there, an ack may be forgotten and nothing worse, an offset that is used again is not born acked,
 * and each dead letter is there exactly once; the other topics are prefixes, and no group knows of
 * more. Groups with an order keep it in each life of an engine, whatever was before.
 *
 * <p>{@code -Dholdfast.powerloss.states=n} asks for more states, {@code
 * -Dholdfast.powerloss.seed=n} replays a run: the script is the same, but the engine's own threads
 * run meanwhile, and so the moments of the crashes come close and are not the same.
 */
class PowerLossTest {
  private final long seed = Long.getLong("holdfast.powerloss.seed", System.nanoTime());
  private final int wanted = Integer.getInteger("holdfast.powerloss.states", 1_000);

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void whateverACrashLeavesHoldsToWhatWasPromised() {
    NearChunkEnd near = NearChunkEnd.make();
    CrashScripts.run(
        "PowerLossTest (engine)",
        seed,
        wanted,
        of -> {
          EngineCrashRun run = new EngineCrashRun(of);
          run.run(near, 10, 4);
          return new CrashScripts.Counts(run.states(), run.repeated(), 0);
        });
  }
}
