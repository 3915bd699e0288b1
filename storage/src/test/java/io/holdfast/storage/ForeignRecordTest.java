package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicScan;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Puts whole records and whole segments, each valid where it was written, in the place of others:
 * swapped, from another position, topic, store or epoch, or from an earlier state of the same file.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ForeignRecordTest {
  @ParameterizedTest
  @EnumSource
  void recordsThatAreSwappedOrOfAnotherPositionAreNamed(FlipStore.Kind kind) {
    FlipStore store = new FlipStore(kind);
    byte[] segment = store.segment();
    try (FlipJudge judge = new FlipJudge(store)) {
      for (FlipStore.Piece one : store.pieces()) {
        for (FlipStore.Piece two : store.pieces()) {
          if (one.position() < two.position() && one.length() == two.length()) {
            judge.judge(swapped(segment, one, two));
            byte[] bytes = Arrays.copyOfRange(segment, two.position(), end(two));
            judge.judge(FlipChange.of("the record of " + two, segment, one.position(), bytes));
          }
        }
      }
      System.out.printf("ForeignRecordTest: swapped in a segment that is %s: %s%n", kind, judge);
    }
  }

  private static int end(FlipStore.Piece piece) {
    return piece.position() + piece.length();
  }

  private static FlipChange swapped(byte[] segment, FlipStore.Piece one, FlipStore.Piece two) {
    byte[] after = Arrays.copyOfRange(segment, one.position(), end(two));
    int apart = two.position() - one.position();
    System.arraycopy(segment, two.position(), after, 0, one.length());
    System.arraycopy(segment, one.position(), after, apart, one.length());
    return FlipChange.of("swapped with " + two, segment, one.position(), after);
  }

  /** The other store has the same messages at the same positions: the salt alone tells. */
  @ParameterizedTest
  @EnumSource
  void aRecordOfAnotherStoreOrTopicAtItsOwnPositionIsNamed(FlipStore.Kind kind) {
    FlipStore store = new FlipStore(kind);
    byte[] foreign = new FlipStore(kind).segment();
    byte[] other = RecycledFixture.content(FlipStore.file(store.copy(), "other", 1));
    try (FlipJudge judge = new FlipJudge(store)) {
      for (FlipStore.Piece piece : store.pieces()) {
        boolean message = piece.length() > 100;
        for (byte[] source : message ? new byte[][] {foreign, other} : new byte[][] {foreign}) {
          byte[] bytes = Arrays.copyOfRange(source, piece.position(), end(piece));
          FlipChange change =
              FlipChange.of("a foreign record", store.segment(), piece.position(), bytes);
          judge.judge(change);
          judge.judgeOpening(change);
        }
      }
      System.out.printf("ForeignRecordTest: foreign in a segment that is %s: %s%n", kind, judge);
    }
  }

  /** Valid in every way, as one that was written here by an earlier opening of the store. */
  @Test
  void aRecordOfAnEarlierEpochDoesNotComeBack() {
    FlipStore store = new FlipStore(FlipStore.Kind.ACTIVE);
    byte[] segment = store.segment();
    UnsafeBuffer fields = new UnsafeBuffer(segment);
    for (FlipStore.Piece piece : store.pieces().subList(1, store.pieces().size())) {
      int at = piece.position();
      byte[] record = Arrays.copyOfRange(segment, at, end(piece));
      UnsafeBuffer header = new UnsafeBuffer(record);
      header.putInt(RecordLayout.WRITER_EPOCH, 0);
      long salt = fields.getLong(40);
      int crc = new RecordChecksum().ofRecord(record, 0, piece.length(), salt, at);
      header.putInt(RecordLayout.CRC, crc);
      CrashFileSystem copy = store.copy();
      Path file = FlipStore.file(copy, "t", 1);
      FlipChange.of("of epoch 0", segment, at, record).apply(file);
      TopicScan scan =
          TopicScan.of(
              new TopicScan.Expectation(
                  file.getParent(), store.id(), 1, store.messages(), 1),
              true);
      assertEquals(at, scan.fault().orElseThrow().position());
      assertTrue(scan.fault().get().problem().contains("writer epoch"), scan.fault()::toString);
      assertTrue(scan.damaged());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "other store, expected a segment of store",
    "other topic, expected segment 1 of topic number 1",
    "next segment, expected segment 1 of topic number 1",
    "earlier state, expected",
    "nothing, no such file",
  })
  void aForeignOrEarlierSegmentFileIsRefused(String source, String problem) throws IOException {
    FlipStore store = new FlipStore(FlipStore.Kind.SEALED);
    CrashFileSystem copy = store.copy();
    Path file = FlipStore.file(copy, "t", 1);
    byte[] content =
        switch (source) {
          case "other store" -> new FlipStore(FlipStore.Kind.SEALED).segment();
          case "other topic" -> RecycledFixture.content(FlipStore.file(copy, "other", 1));
          case "next segment" -> RecycledFixture.content(FlipStore.file(copy, "t", 2));
          case "earlier state" -> earlier(store);
          default -> null;
        };
    Files.delete(file);
    if (content != null) {
      Files.write(file, content);
    }
    StoreView view = StoreView.open(FlipStore.directory(copy));
    assertTrue(StoreVerifier.verify(view, view.topics(), t -> {}).damaged());
    try (Store open = FlipStore.open(copy)) {
      TopicRecovery found =
          open.recovery().stream().filter(r -> r.name().equals("t")).findFirst().orElseThrow();
      assertEquals(TopicRecovery.Outcome.REFUSED, found.outcome(), found::detail);
      assertTrue(found.detail().contains(problem), found::detail);
      assertTrue(found.detail().contains("0000000001.log"), found::detail);
    }
  }

  /** As a backup of the file would be, from before its last messages. */
  private static byte[] earlier(FlipStore store) {
    byte[] segment = store.segment();
    int from = store.pieces().get(store.pieces().size() - 5).position();
    Arrays.fill(segment, from, SegmentLayout.footer(segment.length), (byte) 0);
    int footer = SegmentLayout.footer(segment.length);
    Arrays.fill(segment, footer, footer + SegmentLayout.FOOTER_HEADER, (byte) 0);
    return segment;
  }
}
