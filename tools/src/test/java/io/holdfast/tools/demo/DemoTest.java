package io.holdfast.tools.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.tools.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A short demo, and that its checks fail when something is wrong. */
class DemoTest {
  private static final int BURST_ROUNDS = 8;
  private static final int STEADY_ROUNDS = 2;

  @TempDir private Path temporary;

  @Test
  void itEndsWellAndItsChecksFindWhatIsWrong() throws Exception {
    Path store = temporary.resolve("demo");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertEquals(0, run(store, out), out::toString);
    String text = out.toString(StandardCharsets.UTF_8);
    assertTrue(text.contains("kill -9"), text);
    assertTrue(text.contains("rejected: nobody is told of money"), text);
    assertTrue(text.contains("attempts: NoSuchElementException"), text);
    assertTrue(text.contains("10 dead letters, and 10 acked this time"), text);
    assertTrue(text.contains("image 5 is a dead letter now, the other 39 are handled"), text);
    assertTrue(text.contains("moved back in time, and got 5 reminders once more"), text);
    assertTrue(text.contains("tools/bin/holdfast verify " + store), text);
    assertFalse(text.contains("FAILED"), text);
    assertFalse(text.contains("\u001b"), text);
    ByteArrayOutputStream second = new ByteArrayOutputStream();
    assertEquals(3, run(store, second), "the directory is not empty");
    checksFail(store);
  }

  private static int run(Path store, ByteArrayOutputStream out) {
    Demo demo = new Demo(BURST_ROUNDS, STEADY_ROUNDS);
    demo.terminal(
        Terminal.plain(
            InputStream.nullInputStream(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(OutputStream.nullOutputStream())));
    CommandLine line = new CommandLine(demo);
    line.setExecutionExceptionHandler((e, command, parsed) -> 3);
    return line.execute("--dir", store.toString());
  }

  private void checksFail(Path store) throws Exception {
    DemoEvents events = DemoEvents.load();
    long burst = (long) BURST_ROUNDS * events.size();
    long total = burst + (long) STEADY_ROUNDS * events.size();
    DemoPlan plan = new DemoPlan(store, burst, total, 1_000);
    assertTrue(DemoCheck.run(plan, events, whole(total, events)).holds());
    DemoRecord lost = whole(total, events);
    lost.take("sent " + total, 0);
    assertFalse(DemoCheck.run(plan, events, lost).outcomes().get(0).holds());
    DemoRecord again = whole(total, events);
    again.take("acked audit 5 1 -1", 0);
    assertFalse(DemoCheck.run(plan, events, again).outcomes().get(3).holds());
    DemoRecord both = whole(total, events);
    both.take("acked notify " + firstDead(events) + " 1 -1", 0);
    assertFalse(DemoCheck.run(plan, events, both).outcomes().get(2).holds());
    checksOfWhatIsNewerFail(plan, events, total);
    Path segment = store.resolve("topics/webhooks/0000000003.log");
    byte[] content = Files.readAllBytes(segment);
    content[10_000] ^= 1;
    Files.write(segment, content);
    assertFalse(DemoCheck.run(plan, events, whole(total, events)).holds());
  }

  private static void checksOfWhatIsNewerFail(DemoPlan plan, DemoEvents events, long total) {
    DemoRecord disordered = whole(total, events);
    disordered.take("began audit 0", 0);
    assertFalse(DemoCheck.run(plan, events, disordered).outcomes().get(5).holds());
    DemoRecord twice = whole(total, events);
    twice.take("back " + twice.back().nextSetBit(0), 0);
    assertFalse(DemoCheck.run(plan, events, twice).outcomes().get(6).holds());
    DemoRecord blamed = whole(total, events);
    blamed.poison().take("blamed thumbnails 4");
    assertFalse(DemoCheck.run(plan, events, blamed).outcomes().get(7).holds());
    DemoRecord useless = whole(total, events);
    useless.time().take("came " + DemoPlan.USELESS + " 0");
    assertFalse(DemoCheck.run(plan, events, useless).outcomes().get(9).holds());
    DemoRecord thrice = whole(total, events);
    thrice.time().take("came " + DemoPlan.LATE + " 0");
    assertFalse(DemoCheck.run(plan, events, thrice).outcomes().get(10).holds());
    DemoRecord early = new DemoRecord(total, events);
    early.time().take("came " + DemoPlan.LATE + " -1");
    assertFalse(DemoCheck.run(plan, events, early).outcomes().get(8).holds());
  }

  private static DemoRecord whole(long total, DemoEvents events) {
    DemoRecord record = new DemoRecord(total, events);
    for (int image = 0; image < DemoPlan.IMAGES; image++) {
      if (image != DemoPlan.POISON) {
        record.poison().take("acked thumbnails " + image + " 1 -1");
      }
    }
    for (int reminder = DemoPlan.USELESS + 1; reminder <= DemoPlan.LATE; reminder++) {
      record.time().take("came " + reminder + " 1");
      if (reminder >= DemoPlan.LATE - DemoPlan.AGAIN) {
        record.time().take("came " + reminder + " 1000");
      }
    }
    record.time().take("moving " + (DemoPlan.AGAIN + 1));
    for (long offset = 0; offset < total; offset++) {
      record.take("sent " + offset, 0);
      record.take("began audit " + offset, 0);
      record.take("acked audit " + offset + " 1 -1", 0);
      if (!Notify.isDead(events.get(offset).subject())) {
        record.take("acked notify " + offset + " 1 -1", 0);
      }
      if (events.get(offset).subject().equals(DemoPlan.MENDED)) {
        record.take("back " + offset, 0);
      }
    }
    record.take("redriven " + record.back().cardinality(), 0);
    return record;
  }

  private static long firstDead(DemoEvents events) {
    long number = 0;
    while (!Notify.isDead(events.get(number).subject())) {
      number++;
    }
    return number;
  }

  @Test
  void aPercentileIsTheValueThatSoManyDoNotExceed() {
    long[] sorted = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    assertEquals(5, DemoReport.percentile(sorted, 50));
    assertEquals(10, DemoReport.percentile(sorted, 99));
    assertEquals(10, DemoReport.percentile(sorted, 100));
    assertEquals(1, DemoReport.percentile(sorted, 1));
  }
}
