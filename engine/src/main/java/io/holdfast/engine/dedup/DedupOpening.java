package io.holdfast.engine.dedup;

import io.holdfast.engine.error.DamagedDedupException;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicFiles;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.check.CarriedTable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The opening of what a topic remembers: the newest table and ring that the device has, and then
 * the messages behind them. A file that is damaged is made again from what the topic has.
 */
final class DedupOpening {
  private static final Logger LOG = System.getLogger(DedupOpening.class.getName());

  private final TopicDedup dedup;
  private final Store store;
  private final TopicLog log;
  private final DedupFiles files;
  private final long now;

  DedupOpening(TopicDedup dedup, Store store, TopicLog log, DedupFiles files) {
    this.dedup = dedup;
    this.store = store;
    this.log = log;
    this.files = files;
    this.now = dedup.now();
  }

  void run() {
    DedupScan.Sequences sequences = store.onAgent(this::sequences);
    DedupFiles.IdFile file = store.onAgent(this::idFile);
    DedupScan.Ids ids = null;
    try {
      ids = file == null ? null : ids(file);
      new DedupScan(sequences, ids, now).run(log);
    } catch (RuntimeException | Error e) {
      if (file != null) {
        file.ring().close();
      }
      throw e;
    }
    if (sequences != null) {
      dedup.use(sequences.table());
    }
    if (ids != null) {
      dedup.use(file, ids.window());
    }
  }

  /** Of the file and the segments the one that is of more messages; null where there is neither. */
  private DedupScan.Sequences sequences() {
    files.settleNames();
    long fileAt = 0;
    long least = 0;
    Map<String, SequenceWindow> windows = new HashMap<>();
    try {
      Optional<SequenceFile> file = files.readSequences();
      if (file.isEmpty()) {
        return null;
      }
      fileAt = file.get().offset();
      least = fileAt + 1; // of as many messages the file counts: a producer may be forgotten in it
      windows = read(file.get().table(), files.sequences());
    } catch (DamagedDedupException e) {
      LOG.log(Level.ERROR, "producers may be known to topic " + log.name() + " that were forgotten",
          e);
    }
    long from = fileAt;
    long carriedFrom = Long.MAX_VALUE;
    Optional<TopicFiles.Found> carried = log.files().newestTable(least);
    if (carried.isPresent()) {
      from = carried.get().firstOffset();
      windows = read(carried.get().table(), "topic " + log.name() + " at offset " + from);
      List<Long> without = log.files().withoutTable(from);
      carriedFrom = without.isEmpty() ? from : Long.MAX_VALUE;
    }
    dedup.found(fileAt, carriedFrom);
    return new DedupScan.Sequences(
        new SequenceTable(windows), from, log.firstOffset() <= from);
  }

  private static Map<String, SequenceWindow> read(CarriedTable table, Object where) {
    return SequenceTableReader.read(table.bytes(), table.entries(), where);
  }

  private DedupFiles.IdFile idFile() {
    try {
      return files.openIds().orElse(null);
    } catch (DamagedDedupException e) {
      LOG.log(Level.ERROR, "topic " + log.name() + " is read again for the ids of messages", e);
      long from = log.offsetAt(now - dedup.window().millis());
      return files.makeIds(dedup.window().ids(), Math.min(from, log.durableOffset()));
    }
  }

  /** What is older than the window is not read; the ring goes on where it was forced to. */
  private DedupScan.Ids ids(DedupFiles.IdFile file) {
    IdRing ring = file.ring();
    int most = Math.min(dedup.window().ids(), ring.entries());
    IdWindow window = new IdWindow(most, dedup.window().millis());
    ring.each((id, place) -> window.add(id, place, now));
    long from = ring.checkpoint();
    if (from < log.visibleEnd()) {
      from = Math.max(from, log.offsetAt(now - dedup.window().millis()));
    }
    IdKey key = IdKey.of(file.salt(), store.id());
    return new DedupScan.Ids(window, ring, key, from);
  }
}
