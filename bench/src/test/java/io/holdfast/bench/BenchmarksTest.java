package io.holdfast.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.infra.Blackhole;

/** What JMH calls, called once: the benchmarks do what their names say, and leave nothing. */
class BenchmarksTest {
  private final AppendBenchmark benchmark = new AppendBenchmark();
  private final MessageCount count = new MessageCount();

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"64, 1", "64, 64", "1024, 1", "1024, 64"})
  void eachOperationAppendsOneBatch(int payload, int batch) {
    BenchStore store = new BenchStore();
    store.dir = directory.toString();
    for (int iteration = 0; iteration < 2; iteration++) {
      store.open();
      BatchFill fill = new BatchFill();
      fill.payload = payload;
      fill.batch = batch;
      fill.prepare(store);
      assertEquals(0, benchmark.append(store, fill, count));
      assertEquals(batch, benchmark.append(store, fill, count));
      assertEquals(0, benchmark.appendAndForce(store, fill, count));
      assertEquals(2 * batch, store.processCrash().endOffset());
      assertEquals(batch, store.powerLoss().durableOffset());
      store.close();
      assertFalse(Files.exists(store.path()));
    }
    assertEquals(2 * 3 * batch, count.messages);
  }

  @Test
  void theProfileTakesAnAppendApart() {
    AppendParts parts = new AppendParts();
    parts.dir = directory.toString();
    parts.payload = 64;
    parts.open();
    AppendProfileBenchmark profile = new AppendProfileBenchmark();
    for (int i = 0; i < 100_000; i++) {
      assertEquals(i, profile.whole(parts));
    }
    assertEquals(1, profile.part1Fill(parts));
    assertEquals(1, profile.part2Lock(parts));
    assertTrue(profile.part3Clock(parts) > 0);
    assertTrue(profile.part4Header(parts) != profile.part4Header(parts));
    assertEquals(96, profile.part5Copy(parts));
    assertTrue(profile.part6Publish(parts) < profile.part6Publish(parts));
    parts.close();
    assertFalse(Files.exists(parts.path()));
  }

  @Test
  void readingGoesRoundAndRound() {
    FilledTopic topic = new FilledTopic();
    topic.dir = directory.toString();
    topic.payload = 1024;
    topic.payloadBytes = 4 * ReadBenchmark.MESSAGES * 1024;
    topic.fill();
    Blackhole blackhole =
        new Blackhole("Today's password is swordfish. I understand instantiating Blackholes "
            + "directly is dangerous.");
    ReadBenchmark read = new ReadBenchmark();
    for (int poll = 0; poll < 10; poll++) {
      assertEquals(ReadBenchmark.MESSAGES, read.read(topic, blackhole));
    }
    assertTrue(Files.exists(topic.path()));
    topic.close();
    assertFalse(Files.exists(topic.path()));
  }

  @Test
  void eachMessageOfTheQueueIsReceivedAndAckedAndThenAnotherGroupBegins() {
    FilledQueue queue = new FilledQueue();
    queue.dir = directory.toString();
    queue.payload = 64;
    queue.payloadBytes = 3 * FilledQueue.BATCH * 64;
    queue.fill();
    QueueBenchmark benchmark = new QueueBenchmark();
    for (int i = 0; i < 4; i++) { // one more than there is for a group
      assertEquals(FilledQueue.BATCH, benchmark.receiveAndAck(queue));
    }
    QueueBenchmark.Left left = new QueueBenchmark.Left();
    assertEquals(FilledQueue.BATCH, benchmark.receive(queue, left));
    assertThrows(IllegalStateException.class, () -> benchmark.receiveAndAck(queue));
    left.settle();
    assertThrows(IllegalStateException.class, left::settle);
    QueueBenchmark.Taken taken = new QueueBenchmark.Taken();
    taken.take(queue);
    assertEquals(FilledQueue.BATCH, benchmark.ack(taken));
    assertThrows(IllegalStateException.class, () -> benchmark.ack(taken));
    queue.close();
    assertFalse(Files.exists(queue.path()));
  }
}
