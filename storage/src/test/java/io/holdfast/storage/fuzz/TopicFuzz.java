package io.holdfast.storage.fuzz;

import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicScan;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.check.VerifyReport;
import io.holdfast.storage.format.RecordLayout;
import java.nio.file.Path;
import java.util.UUID;

/** A target: what reads a closed store by channel, over changed files. */
public final class TopicFuzz {
  private static final FuzzDisk DISK = new FuzzDisk(FuzzStore.files());

  private TopicFuzz() {}

  /**
   * Runs one input.
   *
   * @param input read by {@link FuzzEdits}
   */
  public static void fuzzerTestOneInput(byte[] input) {
    Path store = DISK.changed(input);
    FuzzBounds.run(() -> read(store, input.length == 0 ? 0 : (input[0] >>> 1 & 0x7F) % 7));
  }

  /** One reader an input: that is fastest, and the fuzzer finds out which one an input suits. */
  private static void read(Path store, int reader) {
    switch (reader) {
      case 0 -> scan(store, true);
      case 1 -> scan(store, false);
      case 2 -> verify(store);
      case 3 -> StoreView.open(store).topics().forEach(TopicView::extent);
      case 4 -> walk(store, 0);
      case 5 -> walk(store, 2);
      default -> walkFile(store);
    }
  }

  private static void scan(Path store, boolean trustForced) {
    StoreView view = StoreView.open(store);
    UUID id = view.id().orElse(new UUID(1, 2));
    Path topic = store.resolve("topics").resolve("t");
    TopicScan scan =
        TopicScan.of(
            new TopicScan.Expectation(topic, id, 1, FuzzStore.MESSAGES, 1), trustForced);
    if (scan.endOffset() < scan.durableOffset() && !scan.damaged()) {
      throw new AssertionError("missed in silence");
    }
  }

  private static void verify(Path store) {
    StoreView view = StoreView.open(store);
    VerifyReport report = StoreVerifier.verify(view, view.topics(), topic -> {});
    report.findings().forEach(TopicFuzz::checkText);
    report.topics().forEach(topic -> topic.findings().forEach(TopicFuzz::checkText));
  }

  private static void checkText(Finding finding) {
    if (finding.problem().isEmpty() || finding.help().isEmpty()) {
      throw new AssertionError(finding.toString());
    }
  }

  private static void walk(Path store, long from) {
    for (TopicView topic : StoreView.open(store).topics()) {
      try (TopicWalk walk = TopicWalk.of(topic, from)) {
        toTheEnd(walk);
      }
    }
  }

  private static void walkFile(Path store) {
    Path file = SegmentFiles.log(store.resolve("topics").resolve("t"), 1);
    try (TopicWalk walk = TopicWalk.ofFile(file, 1)) {
      toTheEnd(walk);
    }
  }

  private static void toTheEnd(TopicWalk walk) {
    SegmentWalk.Step step = walk.next();
    while (step != SegmentWalk.Step.END) {
      if (step == SegmentWalk.Step.RECORD) {
        walk.record().body(0, walk.record().length() - RecordLayout.HEADER);
        walk.timestamp();
      }
      step = walk.next();
    }
  }
}
