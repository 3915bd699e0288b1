package io.holdfast.storage.fuzz;

import io.holdfast.storage.Store;
import io.holdfast.storage.TopicSalvage;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.error.HoldfastException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A target: plans and does the salvage of a topic of changed files, and opens what is left. */
public final class SalvageFuzz {
  private static final FuzzDisk FRESH = new FuzzDisk(FuzzStore.files());
  private static final FuzzDisk BEGUN = new FuzzDisk(begun());

  private SalvageFuzz() {}

  /** The same with the plan of a salvage that was cut short. */
  private static Map<String, byte[]> begun() {
    Map<String, byte[]> files = FuzzStore.files();
    String plan =
        "format=1\naside.1=1-1+0\ncopied=2\ngap.0=2\nmade.1=1-1+0\nmoved.2=2-2+0\n"
            + "quarantine=t-1\ntimesEstimated=false\ncrc32c=\n";
    byte[] signed = Signatures.sign("plan", plan.getBytes(StandardCharsets.UTF_8));
    files.put("topics/t/salvage/plan", signed);
    files.put("topics/t/salvage/0000000001.log", files.get("topics/t/0000000001.log"));
    return files;
  }

  /**
   * Runs one input.
   *
   * @param input read by {@link FuzzEdits}; its first byte also says what to begin with
   */
  public static void fuzzerTestOneInput(byte[] input) {
    int first = input.length == 0 ? 0 : input[0];
    Path store = ((first & 2) == 0 ? FRESH : BEGUN).changed(input);
    FuzzBounds.run(
        () -> {
          if ((first & 4) == 0) {
            TopicSalvage.plan(store, "t");
          }
          TopicSalvage.salvage(store, "t");
          opened(store);
        });
  }

  /** What was salvaged opens. */
  private static void opened(Path store) {
    try (Store open = Store.open(store, FuzzStore.config())) {
      open.topic("t");
    } catch (HoldfastException e) {
      Path plan = SegmentFiles.salvagePlan(store.resolve("topics").resolve("t"));
      if (Files.exists(plan)) {
        throw new AssertionError("salvaged, and its plan is still there", e);
      }
      throw e;
    }
  }
}
