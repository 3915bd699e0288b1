package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A writer and two readers on one map of a file, at full speed, with code that the JIT compiled: a
 * length that can be read has its whole record behind it, behind the last one stands a zero and
 * never what an earlier life left, and what the published end counts is there.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class MappedRaceTest {
  private static final int CAPACITY = 1 << 18;
  private static final int READERS = 2;
  private static final int LONGEST = 300;

  @TempDir Path directory;

  /** One life of the file. */
  private record Life(long salt, SegmentWriter writer, PublishedOffset end, int first) {}

  private MappedRegion region;
  private volatile Life life; // the writer writes it between two rounds, readers read

  @Test
  void aReaderOfTheMapSeesWholeRecordsOnly() throws InterruptedException {
    Path file = directory.resolve("segment");
    DurableFiles.allocate(file, CAPACITY);
    region = MappedRegion.map(file);
    Race race = new Race("MappedRaceTest");
    CyclicBarrier begin = new CyclicBarrier(1 + READERS);
    CyclicBarrier end = new CyclicBarrier(1 + READERS);
    race.add(() -> write(race, begin, end));
    for (int i = 0; i < READERS; i++) {
      race.add(() -> read(begin, end));
    }
    race.run();
    region.close();
  }

  private void write(Race race, CyclicBarrier begin, CyclicBarrier end) throws Exception {
    Random random = new Random(race.seed());
    RecordBatch batch = new RecordBatch(LONGEST, 10_000);
    boolean more = true;
    for (long salt = 1; more; salt++) {
      more = !race.isOver();
      life = more ? born(salt) : null;
      begin.await();
      if (more) {
        fill(batch, random);
        race.round();
        end.await();
      }
    }
  }

  /** The file is full of what the life before left, but for the word where the first one begins. */
  private Life born(long salt) {
    Segment segment =
        new Segment(
            directory, new Segment.Place(1, 0, 0, salt), CAPACITY, new IdleSegments(1));
    segment.adopt(region, SegmentIndex.onHeap(CAPACITY));
    region.buffer().putLong(SegmentLayout.DATA, 0);
    SegmentWriter writer = new SegmentWriter(segment, SegmentLayout.DATA, 0);
    writer.begin(new SegmentBegin(1, 1, 0, 0, 0), 1, 0);
    return new Life(salt, writer, new PublishedOffset(0), writer.position());
  }

  private void fill(RecordBatch batch, Random random) {
    Life now = life;
    byte[] payload = new byte[LONGEST];
    long next = 0;
    do {
      batch.clear();
      for (int i = random.nextInt(4); i >= 0; i--) {
        random.nextBytes(payload);
        // Few lengths: then stale records of another life stand where the next one of this ends.
        batch.add(new byte[0], 0, payload, 0, 100 * (1 + random.nextInt(3)));
      }
      if (now.writer().fits(batch.bytes(), 0)) {
        now.writer().put(batch, next, 1, 0, 0);
        next += batch.size();
        now.end().publish(next);
      }
    } while (now.writer().fits(batch.bytes(), 0));
    now.end().publish(-next - 1); // says that this was all
  }

  private void read(CyclicBarrier begin, CyclicBarrier end) throws Exception {
    RecordChecksum checksum = new RecordChecksum();
    begin.await();
    while (life != null) {
      readAll(life, checksum);
      end.await();
      begin.await();
    }
  }

  private void readAll(Life now, RecordChecksum checksum) {
    UnsafeBuffer memory = region.buffer();
    byte[] record = new byte[RecordLayout.HEADER + LONGEST];
    int at = now.first();
    long found = 0;
    boolean over = false;
    while (!over) {
      long published = now.end().get();
      long all = published < 0 ? -published - 1 : published;
      long word = memory.getLongVolatile(at);
      int length = (int) word;
      if (length == 0) {
        assertTrue(found >= all, "a zero where there are " + all + ", after " + found);
        over = published < 0;
      } else {
        String where = "record " + found + " at " + at + " of life " + now.salt();
        assertTrue(length > RecordLayout.HEADER && length <= record.length, where + ": " + length);
        memory.getBytes(at, record, 0, length);
        int sum = checksum.ofRecord(record, 0, length, now.salt(), at);
        assertEquals((int) (word >>> 32), sum, where);
        at += RecordLayout.aligned(length);
        found++;
      }
    }
  }
}
