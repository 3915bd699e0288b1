package io.holdfast.engine.check;

import io.holdfast.engine.dedup.IdFileView;
import io.holdfast.engine.dedup.KnownProducer;
import io.holdfast.engine.dedup.SequenceFile;
import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.Finding.Severity;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.file.DurableFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The check of what the topics of a store remember of producers and ids: whether each file is
 * whole. What segments carry is checked with them.
 */
public final class DedupCheck {
  private static final String SEQUENCES =
      "restore the file from a backup; or open the store, and the topic goes by what its segments"
          + " have: producers that were forgotten may be known again";
  private static final String IDS =
      "restore the file from a backup; or open the store, and the topic is read for the ids of its"
          + " messages: those of messages that were dropped are not known any more";

  private final List<Finding> findings = new ArrayList<>();

  private DedupCheck() {}

  /**
   * Checks all topics of a store.
   *
   * @param store what was seen of the store
   * @return damage, by topic
   */
  public static List<Finding> of(StoreView store) {
    DedupCheck check = new DedupCheck();
    for (Path directory : StoreView.directories(store.directory().resolve("dedup"))) {
      Optional<TopicView> topic = store.topic(directory.getFileName().toString());
      if (topic.isPresent()) {
        check.file(directory.resolve("sequences"), SEQUENCES, check::sequences);
        check.file(directory.resolve("ids"), IDS, check::ids);
      }
    }
    return check.findings;
  }

  /** Looks at one file. */
  private interface Look {
    void at(Path file);
  }

  /** The files of a live store come and go. */
  private void file(Path file, String help, Look look) {
    if (!DurableFiles.exists(file)) {
      return;
    }
    try {
      look.at(file);
    } catch (HoldfastException e) {
      if (DurableFiles.exists(file)) {
        damage(file, e.getMessage(), help);
      }
    }
  }

  private void sequences(Path file) {
    KnownProducer.of(SequenceFile.read(file).table(), file);
  }

  private void ids(Path file) {
    IdFileView ids = IdFileView.read(file);
    if (ids.header().isEmpty()) {
      damage(file, "expected a header, found none of its two copies", IDS);
    } else if (ids.checkpoint() < 0) {
      damage(file, "expected a head, found none of the two", IDS);
    }
  }

  private void damage(Path file, String problem, String help) {
    findings.add(new Finding(Severity.DAMAGE, file, 0, 0, -1, -1, problem, help));
  }
}
