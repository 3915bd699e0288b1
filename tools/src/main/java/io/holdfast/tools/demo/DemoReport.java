package io.holdfast.tools.demo;

import io.holdfast.tools.Json;
import io.holdfast.tools.Table;
import io.holdfast.tools.Terminal;
import io.holdfast.tools.Text;
import java.util.Locale;
import java.util.Map;

/** What the demo says while it runs and at its end. */
final class DemoReport {
  private static final String BOLD = "1";
  private static final String GREEN = "32";
  private static final String RED = "31";

  private final Terminal terminal;
  private final boolean json;
  private final DemoPlan plan;
  private final DemoEvents events;

  DemoReport(Terminal terminal, boolean json, DemoPlan plan, DemoEvents events) {
    this.terminal = terminal;
    this.json = json;
    this.plan = plan;
    this.events = events;
  }

  void intro() {
    heading("Holdfast: the life of %s messages, and the deaths of processes"
        .formatted(Text.count(plan.total())));
    Table table = new Table("", "");
    table.row("events", "%d webhook events of a code host, 3 to 27 KB each, published %d times"
        .formatted(events.size(), plan.total() / events.size()));
    table.row("topic", DemoPlan.TOPIC
        + ": keyed by repository; a confirmation means that the device has it (powerLoss)");
    table.row("group", DemoPlan.AUDIT
        + ": acks everything, the events of each repository in their order");
    table.row("group", DemoPlan.NOTIFY
        + ": fails on some, so there are retries, and dead letters after "
        + Notify.MAX_ATTEMPTS + " failures");
    table.row("store", plan.directory() + ", some 200 MB; it stays when this ends");
    table.lines().stream().filter(line -> !line.isEmpty()).forEach(line -> print("  " + line));
  }

  void heading(String text) {
    print("");
    print(ink(BOLD, text));
  }

  void line(String text) {
    print("  " + text);
  }

  /** A short line about how far it is; goes where diagnostics go. */
  void progress(DemoRecord record) {
    GroupRecord notify = record.group(DemoPlan.NOTIFY);
    terminal.say(
        String.format(
                Locale.ROOT,
                "  %,7d confirmed   audit %,7d acked   notify %,7d acked, %,6d failures",
                record.sent().cardinality(),
                record.group(DemoPlan.AUDIT).acked().cardinality(),
                notify.acked().cardinality(),
                notify.failures()));
  }

  void killed(DemoRecord record) {
    heading("2  kill -9 " + record.workerPid());
    line(
        "It is dead. It had told of %s, %s by audit and %s by notify."
            .formatted(
                Text.count(record.sent().cardinality(), "confirmation"),
                Text.count(record.group(DemoPlan.AUDIT).acked().cardinality(), "ack"),
                Text.count(record.group(DemoPlan.NOTIFY).acked().cardinality())));
  }

  void goesOn(DemoRecord record) {
    long untold = record.workerStart() - record.sent().cardinality();
    line(
        "Process %d opened the store in %s ms and found %s in the topic%s."
            .formatted(
                record.workerPid(),
                Text.count(record.openMillis()),
                Text.count(record.workerStart(), "message"),
                untold > 0 ? ", " + untold + " of them not confirmed yet" : ""));
  }

  void redriving(DemoRecord record) {
    progress(record);
    heading("4  Dead letters go back to their group");
    line("The handler of %s could not tell anybody of %s; now it can."
        .formatted(DemoPlan.NOTIFY, DemoPlan.MENDED));
  }

  void redriven(DemoRecord record) {
    line("Those with that error were redriven: %s, and %s acked this time."
        .formatted(
            Text.count(record.redriven(), "dead letter"),
            Text.count(record.back().cardinality())));
  }

  void poison() {
    heading("5  A message that kills the process it is handed to");
    line("%s come in, and group %s works on %d at once. Image %d ends the JVM."
        .formatted(
            Text.count(DemoPlan.IMAGES, "image"),
            DemoPlan.THUMBNAILS,
            DemoPlan.HANDLERS,
            DemoPlan.POISON));
  }

  void died(PoisonRecord poison) {
    line("Process %d is dead. Its handlers had the images %s%s"
        .formatted(
            poison.pid(),
            poison.out(),
            poison.deaths() > 1
                ? "."
                : ": each may have done it, so they are handed out one at a time."));
  }

  void found(PoisonRecord poison) {
    line("Process %d comes to the end: image %d is a dead letter now, the other %s are handled."
        .formatted(
            poison.pid(), DemoPlan.POISON, Text.count(poison.acked().cardinality())));
  }

  void time() {
    heading("6  Later, too late, and once more");
    line("A process sends %s: the first is of no use after 0.1 s, the last comes after 1.5 s."
        .formatted(Text.count(DemoPlan.LATE + 1, "reminder")));
  }

  void timeKilled(TimeRecord time) {
    line("kill -9 %d, before anybody has got any of them.".formatted(time.pid()));
  }

  void timeOver(TimeRecord time) {
    line("Process %d has handled them: the last one %d ms after its time, the first one never."
        .formatted(time.pid(), time.late()));
    line("Then its group was moved back in time, and got %s once more."
        .formatted(Text.count(time.moved(), "reminder")));
  }

  void summary(DemoRecord record, DemoCheck check, double seconds) {
    if (json) {
      new Json(terminal.out()).line(j -> DemoJson.put(j, plan, record, check, seconds));
      return;
    }
    heading("7  The store, as it stands on disk, against what was recorded outside it");
    for (DemoCheck.Outcome outcome : check.outcomes()) {
      String word = outcome.holds() ? ink(GREEN, "ok    ") : ink(RED, "FAILED");
      line("%s  %-60s %s".formatted(word, outcome.what(), outcome.figures()));
    }
    heading("Figures");
    figures(record, check);
    heading("Look at it");
    line("tools/bin/holdfast info " + plan.directory());
    line("tools/bin/holdfast verify " + plan.directory());
    line(
        "tools/bin/holdfast dump %s --topic %s --limit 1 --payload json"
            .formatted(plan.directory(), DemoPlan.DEAD_LETTERS));
    print("");
    print(
        check.holds()
            ? ink(GREEN, "All of it holds, after %.0f seconds.".formatted(seconds))
            : ink(RED, "Something does not hold. Please keep the store and report it."));
  }

  private void figures(DemoRecord record, DemoCheck check) {
    double rate = record.burstRate();
    double size = (double) events.bytes(plan.burst()) / plan.burst();
    line("published   %s messages a second, %s MB/s, each forced to the device"
        .formatted(Text.count(Math.round(rate)), whole(rate * size / 1e6)));
    long[] latencies = record.latencies();
    if (latencies.length > 0) {
      line("latency     p50 %s ms, p99 %s ms, max %s ms from send to handler, %s a second"
          .formatted(
              millis(latencies, 50),
              millis(latencies, 99),
              millis(latencies, 100),
              Text.count(plan.rate())));
    }
    GroupRecord notify = record.group(DemoPlan.NOTIFY);
    line("retries     %s failures; %s acked at a later attempt"
        .formatted(Text.count(notify.failures()), Text.count(notify.redelivered())));
    for (Map.Entry<String, Long> cause : check.deadLetters().causes().entrySet()) {
      line("dead        %6s  %s".formatted(Text.count(cause.getValue()), cause.getKey()));
    }
    line("poison      %s until it was found".formatted(
        Text.count(record.poison().deaths(), "process death")));
    line("on disk     " + Text.bytes(check.bytes()));
  }

  /** The value that so many in a hundred do not exceed, exactly: of all that were taken. */
  static long percentile(long[] sorted, int percent) {
    int rank = (int) Math.ceil(percent / 100.0 * sorted.length);
    return sorted[Math.max(0, rank - 1)];
  }

  private static String millis(long[] micros, int percent) {
    return String.format(Locale.ROOT, "%.1f", percentile(micros, percent) / 1e3);
  }

  private static String whole(double value) {
    return String.format(Locale.ROOT, "%.0f", value);
  }

  private String ink(String code, String text) {
    return terminal.colour() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  private void print(String line) {
    if (json) {
      return;
    }
    terminal.out().println(line);
    terminal.out().flush();
  }
}
