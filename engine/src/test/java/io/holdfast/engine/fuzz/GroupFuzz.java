package io.holdfast.engine.fuzz;

import io.holdfast.engine.check.GroupCheck;
import io.holdfast.engine.check.GroupView;
import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.fuzz.FuzzBounds;
import io.holdfast.storage.fuzz.FuzzDisk;
import java.nio.file.Path;

/** A target: what checks and shows the state of a group by channel, over changed files. */
public final class GroupFuzz {
  private static final FuzzDisk DISK = GroupFiles.disk();

  private GroupFuzz() {}

  /**
   * Runs one input.
   *
   * @param input read by {@link io.holdfast.storage.fuzz.FuzzEdits}
   */
  public static void fuzzerTestOneInput(byte[] input) {
    Path store = DISK.changed(input);
    FuzzBounds.run(() -> GroupCheck.of(StoreView.open(store)).forEach(GroupFuzz::check));
    FuzzBounds.run(() -> GroupView.of(store).forEach(view -> view.unfinished(8)));
  }

  private static void check(Finding finding) {
    if (finding.problem().isEmpty() || finding.help().isEmpty()) {
      throw new AssertionError(finding.toString());
    }
  }
}
