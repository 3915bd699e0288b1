package io.holdfast.storage;

import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.file.JvmFlags;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Another process that walks through a topic again and again while its owner changes it, until its
 * standard input ends; then it prints what it saw, first of all {@code right} or what was wrong.
 */
final class LiveReadChild {
  private static final int SHORTEST = 20;
  private static final int LENGTHS = 3_000;

  private final Path store;
  private long walks;
  private long messages;
  private long dropped;
  private long jumps;
  private long last = -1; // offset, of the walk before

  private LiveReadChild(Path store) {
    this.store = store;
  }

  /** The payload of an offset. */
  static byte[] payload(long offset) {
    return LogFixture.message(offset, SHORTEST + (int) (offset * 37 % LENGTHS));
  }

  static Process start(Path store) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xmx64m", "-XX:-UsePerfData", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(LiveReadChild.class.getName());
    command.add(store.toString());
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /**
   * The child's side.
   *
   * @param args where the store is
   */
  public static void main(String[] args) throws IOException {
    LiveReadChild child = new LiveReadChild(Path.of(args[0]));
    String wrong = "";
    while (wrong.isEmpty() && System.in.available() == 0) {
      wrong = child.walk();
      wrong = wrong.isEmpty() ? child.verify() : wrong;
    }
    System.out.println(wrong.isEmpty() ? "right" : wrong);
    System.out.printf(
        "%d walks and checks, %d messages, %d segments dropped meanwhile, %d jumps over them%n",
        child.walks, child.messages, child.dropped, child.jumps);
  }

  /** Walks through the topic once; returns what is wrong. */
  private String walk() {
    walks++;
    long before = -1; // offset of the message before
    long droppedBefore = 0;
    Path fileBefore = store;
    try (TopicWalk walk = TopicWalk.of(StoreView.open(store).topic("t").orElseThrow(), 0)) {
      for (SegmentWalk.Step step = walk.next();
          step != SegmentWalk.Step.END;
          step = walk.next()) {
        if (step != SegmentWalk.Step.RECORD) {
          return "%s in %s, %d to %d: %s"
              .formatted(step, walk.file(), walk.brokenFrom(), walk.brokenTo(), walk.problem());
        }
        if (walk.record().type() == RecordType.DATA) {
          long offset = walk.record().offset();
          boolean jumps = before >= 0 && offset != before + 1;
          if (offset <= before || jumps && walk.dropped() == droppedBefore) {
            return "%s: offset %d, behind %d in %s"
                .formatted(walk.file(), offset, before, fileBefore.getFileName());
          }
          byte[] body = walk.record().body(0, walk.record().length() - RecordLayout.HEADER);
          if (!Arrays.equals(payload(offset), body)) {
            return "%s: offset %d holds another message".formatted(walk.file(), offset);
          }
          this.jumps += jumps ? 1 : 0;
          messages++;
          before = offset;
          fileBefore = walk.file();
          droppedBefore = walk.dropped();
        }
      }
      dropped += walk.dropped();
    }
    if (before < last) {
      return "a walk ended at %d, and one before at %d".formatted(before, last);
    }
    last = before;
    return "";
  }

  /** Checks the store as {@code holdfast verify} does; returns what is wrong. */
  private String verify() {
    StoreView view = StoreView.open(store);
    TopicReport report = StoreVerifier.verify(view, view.topics(), t -> {}).topics().get(0);
    boolean notesOnly =
        report.findings().stream().allMatch(f -> f.severity() == Finding.Severity.NOTE);
    if (report.state() != TopicReport.State.OK || !notesOnly || report.endOffset() <= last) {
      return "a walk saw offset " + last + ", then a check found " + report;
    }
    return "";
  }
}
