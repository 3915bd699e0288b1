package io.holdfast.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.check.StoreOwner;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.format.RecordType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/guide.md for who uses storage alone, to the letter. */
class StorageGuideTest {
  @TempDir Path directory;
  private final List<String> seen = new ArrayList<>();
  private Store store;
  private TopicLog log;

  @BeforeEach
  void open() {
    store = Store.open(directory);
    log = store.createTopic("ticks", TopicSettings.of(Durability.processCrash()));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void append(TopicLog to, String... texts) {
    RecordBatch batch = to.newBatch();
    for (String text : texts) {
      batch.add(new byte[0], 0, text.getBytes(UTF_8), 0, text.length());
    }
    to.append(batch);
  }

  private boolean isRunning() {
    return seen.size() < 2;
  }

  @Test
  void append(@TempDir Path directory) {
    byte[] attributes = {1, 2};
    byte[] payload = "42".getBytes(UTF_8);
    // region storage-append
    StoreConfig config =
        StoreConfig.defaults()
            .withRecycling(1 << 20, 512 << 20)
            .withRollTimeout(Duration.ofSeconds(5));
    try (Store store = Store.open(directory, config)) {
      TopicLog log = store.createTopic("ticks", TopicSettings.of(Durability.powerLoss()));
      RecordBatch batch = log.newBatch(); // one for each thread, used again after clear()
      batch.add(attributes, attributes.length, payload, 0, payload.length);
      log.append(batch);
      log.force(batch.firstOffset() + batch.size()); // on the device, and visible
    }
    // endregion
    try (Store store = Store.open(directory)) {
      assertEquals(1, store.topic("ticks").orElseThrow().durableOffset());
    }
  }

  @Test
  void read() throws InterruptedException {
    append(log, "1", "2");
    // region storage-read
    try (LogReader reader = log.reader(log.firstOffset())) {
      while (isRunning()) {
        if (reader.await(TimeUnit.MILLISECONDS.toNanos(100))) { // parked until then
          reader.poll(record -> seen.add(new String(record.copyPayload(), UTF_8)), 256);
        }
      }
    }
    // endregion
    assertEquals(List.of("1", "2"), seen);
  }

  @Test
  void spin() {
    append(log, "1", "2");
    try (LogReader reader = log.reader(0)) {
      // region storage-spin
      IdleStrategy idle = new BusySpinIdleStrategy(); // or agrona's others, or your own
      if (reader.await(idle, TimeUnit.MILLISECONDS.toNanos(100))) {
        reader.poll(record -> seen.add(new String(record.copyPayload(), UTF_8)), 256);
      }
      // endregion
    }
    assertEquals(List.of("1", "2"), seen);
  }

  @Test
  void readSeveral() throws InterruptedException {
    TopicLog quotes = store.createTopic("quotes", TopicSettings.of(Durability.processCrash()));
    append(log, "1");
    append(quotes, "2");
    // region storage-several
    try (TopicsReader reader = new TopicsReader(List.of(log, quotes))) {
      while (reader.await(TimeUnit.MILLISECONDS.toNanos(100))) {
        reader.poll((topic, record) -> seen.add(topic.name() + " " + record.offset()), 256);
      }
    }
    // endregion
    assertEquals(List.of("ticks 0", "quotes 0"), seen);
  }

  @Test
  void drop() {
    append(log, "1", "2");
    long handledByAll = 2;
    // region storage-drop
    long first = log.dropBefore(handledByAll); // whole segments: first <= handledByAll
    // endregion
    assertEquals(0, first, "the last segment stays");
  }

  @Test
  void look() {
    append(log, "1", "2");
    // region storage-look
    StoreView view = StoreView.open(directory);
    TopicView topic = view.topic("ticks").orElseThrow();
    try (TopicWalk walk = TopicWalk.of(topic, 0)) {
      for (SegmentWalk.Step step = walk.next();
          step != SegmentWalk.Step.END;
          step = walk.next()) {
        if (step == SegmentWalk.Step.RECORD && walk.record().type() == RecordType.DATA) {
          seen.add(walk.file().getFileName() + " " + walk.record().offset());
        }
      }
    }
    // endregion
    assertEquals(StoreOwner.State.OPEN, view.owner().state(), "by this process");
    assertEquals(List.of("0000000001.log 0", "0000000001.log 1"), seen);
  }
}
