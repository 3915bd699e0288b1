package io.holdfast.bench.quick;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class LockKindTest {
  private static final int THREADS = 4;
  private static final int PUTS = 20_000;

  @ParameterizedTest
  @EnumSource
  void noPutIsLostUnderAnyLock(LockKind kind) throws Exception {
    LockedLog log = new LockedLog();
    LockKind.Guard guard = kind.create();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> putting = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      LockedLog.Body body = new LockedLog.Body();
      putting.add(
          threads.submit(
              () -> {
                for (int n = 0; n < PUTS; n++) {
                  guard.put(log, body);
                }
              }));
    }
    threads.shutdown();
    for (Future<?> each : putting) {
      each.get();
    }
    assertEquals(THREADS * PUTS, log.published());
  }

  @Test
  void aRunTellsTheRateAndTheLongestWait() throws Exception {
    Arguments arguments =
        Scale.tiny()
            .arguments(LockedLog.PAYLOAD)
            .with("producers", 2)
            .with("lock", LockKind.UNFAIR.ordinal());
    Figures figures = new Figures();
    new LockRun().run(ContenderKind.FLOOR, Path.of("."), arguments, figures);
    assertTrue(figures.get("rate").getAsDouble() > 0);
    assertTrue(figures.get("longestMillis").getAsDouble() > 0);
    assertTrue(figures.get("share").getAsDouble() <= 1);
  }

  @Test
  void theLocksAreMeasuredOnlyWhenTheyAreAskedForByName() {
    Section section = new LockSection();
    assertTrue(QuickOptions.parse("--only", "lock").wants(section));
    assertFalse(QuickOptions.parse().wants(section));
    assertTrue(QuickOptions.parse().wants(new StreamSection()));
  }
}
