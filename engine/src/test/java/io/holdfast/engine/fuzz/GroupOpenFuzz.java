package io.holdfast.engine.fuzz;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupStats;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.fuzz.FuzzBounds;
import io.holdfast.storage.fuzz.FuzzDisk;
import java.nio.file.Path;
import java.time.Duration;

/** A target: opens a store of changed group files, receives, settles, and opens it again. */
public final class GroupOpenFuzz {
  private static final FuzzDisk DISK = GroupFiles.disk();

  private GroupOpenFuzz() {}

  /**
   * Runs one input.
   *
   * @param input read by {@link io.holdfast.storage.fuzz.FuzzEdits}
   */
  public static void fuzzerTestOneInput(byte[] input) {
    Path store = DISK.changed(input);
    FuzzBounds.run(
        () -> {
          open(store);
          open(store);
        });
  }

  private static void open(Path store) {
    try (Engine engine = Engine.open(store, GroupFiles.config())) {
      try {
        use(engine.group("g"));
      } catch (HoldfastException e) {
        FuzzBounds.run(() -> { // refused: it says why, and the engine closes all the same
          throw e;
        });
      }
    }
  }

  private static void use(Group group) {
    try (Consumer consumer = group.consumer("c")) {
      for (Delivery delivery : consumer.receive(4, Duration.ZERO)) {
        if (delivery.offset() % 2 == 0) {
          delivery.ack();
        } else {
          delivery.nack(new IllegalStateException("again"));
        }
      }
    }
    for (GroupStats stats : group.lag()) {
      if (stats.lowWaterMark() < 0 || stats.lowWaterMark() > stats.end()) {
        throw new AssertionError(stats.toString());
      }
    }
  }
}
