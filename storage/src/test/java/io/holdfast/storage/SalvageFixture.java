package io.holdfast.storage;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What tests of the salvage share: a topic over several segments, and what is whole in it. */
final class SalvageFixture {
  static final int MESSAGES = 240;
  static final int LENGTH = 20_000;
  static final long BASE = 1_000_000;

  private SalvageFixture() {}

  /** A topic of about five segments; message n was appended at {@link #BASE} + 10 n. */
  static void fill(Path store, String topic) {
    var clock = LogFixture.clockAt(BASE);
    try (Store open = Store.open(store, new StoreConfig(clock))) {
      TopicLog log = open.createTopic(topic, LogFixture.small(Durability.powerLoss()));
      for (int i = 0; i < MESSAGES; i++) {
        clock.update(BASE + 10L * i);
        LogFixture.append(log, 1, LENGTH);
      }
    }
  }

  static long firstOffset(Path segment) {
    try (SegmentScanner scanner = SegmentScanner.open(segment)) {
      return scanner.begin().orElseThrow().firstOffset();
    }
  }

  /** The segment file of a topic that holds an offset. */
  static Path fileOf(Path topic, long offset) {
    Path found = null;
    for (Path file : SegmentFiles.list(topic).values()) {
      found = found == null || firstOffset(file) <= offset ? file : found;
    }
    return found;
  }

  /** The messages that can be read, by offset: a digest of the payload, and the time. */
  static SortedMap<Long, String> whole(Path store, String topic) {
    SortedMap<Long, String> whole = new TreeMap<>();
    try (TopicWalk walk = TopicWalk.of(StoreView.open(store).topic(topic).orElseThrow(), 0)) {
      for (SegmentWalk.Step step = walk.next();
          step != SegmentWalk.Step.END;
          step = walk.next()) {
        if (step == SegmentWalk.Step.RECORD && walk.record().type() == RecordType.DATA) {
          SegmentScanner record = walk.record();
          byte[] body = record.body(0, record.length() - RecordLayout.HEADER);
          String text = new String(body, StandardCharsets.ISO_8859_1);
          String time = walk.timestamp().isPresent() ? "" + walk.timestamp().getAsLong() : "?";
          String before =
              whole.put(record.offset(), text.hashCode() + " epoch " + record.writerEpoch()
                  + " at " + time);
          assertEquals(null, before, "twice: " + record.offset());
        }
      }
    }
    return whole;
  }

  /** From the beginning and from anywhere: each offset is a message, or in a gap. */
  private static void readsAll(TopicLog log, Set<Long> messages) {
    assertEquals(0, log.firstOffset());
    Set<Long> read = new HashSet<>();
    reads(log, 0, read);
    assertEquals(messages, read);
    for (long from = 1; from <= log.endOffset(); from += 7) {
      read.clear();
      reads(log, from, read);
      long first = from;
      assertEquals(messages.stream().filter(o -> o >= first).collect(toSet()), read);
      boolean[] there = {false};
      try (LogReader reader = log.reader(0)) {
        assertEquals(from < log.endOffset(), reader.read(from, there(from, there)));
      }
      assertEquals(messages.contains(from), there[0]);
    }
  }

  private static void findsByTime(TopicLog log, SortedMap<Long, String> messages) {
    for (long time = BASE - 5; time <= BASE + 10L * MESSAGES; time += 35) {
      long expected = log.visibleEnd();
      for (long offset : messages.keySet()) {
        String message = messages.get(offset);
        if (Long.parseLong(message.substring(message.lastIndexOf(' ') + 1)) >= time) {
          expected = offset;
          break;
        }
      }
      assertEquals(expected, log.offsetAt(time), "the first message from " + time + " on");
    }
  }

  private static RecordHandler there(long offset, boolean[] there) {
    return new RecordHandler() {
      @Override
      public void onRecord(RecordView record) {
        assertEquals(offset, record.offset());
        there[0] = true;
      }

      @Override
      public void onGap(long from, long to) {
        assertTrue(from == offset && to > offset, "from " + from + " to " + to);
      }
    };
  }

  private static void reads(TopicLog log, long from, Set<Long> read) {
    long[] next = {from};
    try (LogReader reader = log.reader(from)) {
      next[0] = reader.offset(); // behind a gap that it was sent into
      RecordHandler handler =
          new RecordHandler() {
            @Override
            public void onRecord(RecordView record) {
              assertEquals(next[0]++, record.offset());
              read.add(record.offset());
            }

            @Override
            public void onGap(long gapFrom, long gapTo) {
              assertEquals(next[0], gapFrom);
              next[0] = gapTo;
            }
          };
      while (reader.poll(handler, 50) > 0) {
        // until nothing more is visible
      }
    }
    assertEquals(log.endOffset(), next[0]);
  }

  static TopicReport verified(Path store, String topic) {
    StoreView view = StoreView.open(store);
    return StoreVerifier.verify(view, view.topics(), t -> {}).topics().stream()
        .filter(t -> t.name().equals(topic))
        .findFirst()
        .orElseThrow();
  }

  /** The topic opens and takes messages; a check has nothing but notes, which name the gaps. */
  static void isWholeAgain(Path store, String topic, long end, long lost) {
    TopicReport report = verified(store, topic);
    assertEquals(TopicReport.State.OK, report.state(), report::toString);
    assertEquals(end, report.endOffset());
    assertEquals(
        lost, report.findings().stream().mapToLong(Finding::lost).sum(), report::toString);
    assertEquals(end - lost, report.records());
    SortedMap<Long, String> before = whole(store, topic);
    try (Store open = LogFixture.open(store)) {
      TopicRecovery found =
          open.recovery().stream().filter(r -> r.name().equals(topic)).findFirst().orElseThrow();
      assertEquals(TopicRecovery.Outcome.CLEAN, found.outcome(), found.detail());
      TopicLog log = open.topic(topic).orElseThrow();
      assertEquals(end, log.endOffset());
      readsAll(log, before.keySet());
      findsByTime(log, before);
      LogFixture.append(log, 30, LENGTH);
      readsAll(log, whole(store, topic).keySet());
    }
    SortedMap<Long, String> after = whole(store, topic);
    assertEquals(before, after.headMap(end));
    assertEquals(30, after.tailMap(end).size());
    assertTrue(verified(store, topic).state() == TopicReport.State.OK);
  }
}
