package io.holdfast.tools.demo;

import java.nio.file.Path;
import java.util.List;

/**
 * What the demo does: first a burst, as fast as it goes, then messages at a steady rate, by which
 * the latency is taken. Immutable; it travels to the worker as arguments.
 *
 * @param directory of the store
 * @param burst messages of the burst
 * @param total messages in all
 * @param rate messages a second after the burst
 */
record DemoPlan(Path directory, long burst, long total, int rate) {
  static final String TOPIC = "webhooks";
  static final String AUDIT = "audit";
  static final String NOTIFY = "notify";
  static final String DEAD_LETTERS = TOPIC + "." + NOTIFY + ".dlq";
  /** What is about these is redriven, once it can be told. */
  static final String MENDED = "label.deleted";

  static final String UPLOADS = "uploads";
  static final String THUMBNAILS = "thumbnails";
  static final String CRASHED = UPLOADS + "." + THUMBNAILS + ".dlq";
  /** Messages of the topic {@link #UPLOADS}. */
  static final int IMAGES = 40;
  /** The offset of the one that kills its process. */
  static final int POISON = 5;

  static final String REMINDERS = "reminders";
  static final String INBOX = "inbox";
  static final String EXPIRED = REMINDERS + "." + INBOX + ".dlq";
  /** The offset of the reminder that is of no use by the time at which anybody looks. */
  static final int USELESS = 0;
  /** The offset of the last one, which is to be delivered later. */
  static final int LATE = 10;
  /** So many reminders before the late one come again, and that one itself. */
  static final int AGAIN = 4;

  /** Handlers of each group that run at once. */
  static final int HANDLERS = 4;

  static DemoPlan parse(String[] args) {
    return new DemoPlan(
        Path.of(args[0]),
        Long.parseLong(args[1]),
        Long.parseLong(args[2]),
        Integer.parseInt(args[3]));
  }

  List<String> arguments() {
    return List.of(
        directory.toString(), Long.toString(burst), Long.toString(total), Integer.toString(rate));
  }
}
