package io.holdfast.storage;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Carries out a {@link SalvagePlan}, from wherever an earlier try came to. Every step is a rename
 * that is forced before the next, so what is done can be told from the names:
 *
 * <ol>
 *   <li>damaged files to the quarantine, files named ahead out of the way; done when the name there
 *       exists;
 *   <li>segments that stay to their new numbers, the highest first; done when the new name exists,
 *       because nothing else can have it before the next step;
 *   <li>new segments to their places; done when they are not in {@code salvage/} any more;
 *   <li>the plan is deleted.
 * </ol>
 *
 * <p>Invariant: while the plan exists the topic is not opened, and every file that it needs exists
 * under its old name or its new one. After the plan is deleted the topic is whole.
 */
final class SalvageSteps {
  /** Of a begin record: header and the payload up to the number; they lie in one sector. */
  private static final int BEGIN_START = RecordLayout.HEADER + SegmentLayout.BEGIN_SEGMENT + 8;

  private final Path topic;
  private final Path quarantine;
  private final SalvagePlan plan;

  SalvageSteps(Path topic, Path quarantine, SalvagePlan plan) {
    this.topic = topic;
    this.quarantine = quarantine.resolve(plan.quarantine());
    this.plan = plan;
  }

  /** Does what is left to do. */
  void run() {
    make(quarantine);
    for (long number : plan.aside().keySet()) {
      moveAway(number, quarantine);
    }
    Path unused = SegmentFiles.salvage(topic).resolve("unused");
    make(unused);
    for (long number : plan.unused().keySet()) {
      moveAway(number, unused);
    }
    List<Long> numbers = new ArrayList<>(plan.moved().keySet());
    for (int i = numbers.size() - 1; i >= 0; i--) {
      renumber(numbers.get(i), plan.moved().get(numbers.get(i)));
    }
    for (long number : plan.made().keySet()) {
      place(number);
    }
    DurableFiles.delete(SegmentFiles.salvagePlan(topic));
    clear(topic);
  }

  /** Forces the name in any case: a try that was killed may have made it and not have forced it. */
  private static void make(Path directory) {
    DurableFiles.makeDirectories(directory);
    DurableFiles.forceNames(directory.getParent());
  }

  private void moveAway(long number, Path directory) {
    Path target = SegmentFiles.log(directory, number);
    if (exists(target)) {
      return; // what has the old name now is another segment
    }
    moveIfThere(SegmentFiles.index(topic, number), SegmentFiles.index(directory, number));
    DurableFiles.rename(SegmentFiles.log(topic, number), target);
  }

  private void renumber(long from, long to) {
    Path target = SegmentFiles.log(topic, to);
    if (exists(target)) {
      return;
    }
    Path file = SegmentFiles.log(topic, from);
    moveIfThere(SegmentFiles.index(topic, from), SegmentFiles.index(topic, to));
    writeNumber(file, to);
    DurableFiles.rename(file, target);
  }

  private void place(long number) {
    Path made = SegmentFiles.log(SegmentFiles.salvage(topic), number);
    if (exists(made)) {
      moveIfThere(
          SegmentFiles.index(SegmentFiles.salvage(topic), number),
          SegmentFiles.index(topic, number));
      DurableFiles.rename(made, SegmentFiles.log(topic, number));
    }
  }

  private static void moveIfThere(Path from, Path to) {
    if (exists(from)) {
      DurableFiles.rename(from, to);
    }
  }

  private static boolean exists(Path file) {
    return DurableFiles.exists(file);
  }

  /**
   * Changes the number in a segment's begin record, and the checksum, in one sector: a crash leaves
   * the old record or the new one.
   */
  static void writeNumber(Path file, long number) {
    byte[] record;
    long salt;
    try (SegmentScanner scanner = SegmentScanner.open(file)) {
      if (scanner.begin().isEmpty()) {
        throw new DamagedTopicException(
            "%s: expected the begin record that stood there, found none: restore the topic from a"
                + " backup".formatted(file));
      }
      salt = scanner.header().orElseThrow().salt();
      scanner.seek(SegmentLayout.DATA);
      scanner.next();
      record = begin(scanner);
    }
    UnsafeBuffer fields = new UnsafeBuffer(record);
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    fields.putLong(RecordLayout.HEADER + SegmentLayout.BEGIN_SEGMENT, number, le);
    CRC32C body = new CRC32C();
    body.update(record, RecordLayout.HEADER, record.length - RecordLayout.HEADER);
    RecordChecksum checksum = new RecordChecksum();
    checksum.place(salt, SegmentLayout.DATA, record.length);
    System.arraycopy(record, RecordLayout.TYPE, checksum.header(), 16, 24);
    fields.putInt(RecordLayout.CRC, checksum.finish((int) body.getValue()), le);
    try (FileChannel channel = DurableFiles.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer start = ByteBuffer.wrap(record, 0, BEGIN_START);
      DurableFiles.writeFully(channel, start, SegmentLayout.DATA);
      channel.force(false);
    } catch (IOException e) {
      throw DurableFiles.failure(file, "its number cannot be written", e);
    }
  }

  private static byte[] begin(SegmentScanner scanner) {
    if (scanner.type() != RecordType.BEGIN) {
      throw new IllegalStateException("expected a begin record, found " + scanner.type());
    }
    byte[] header = scanner.recordHeader();
    byte[] body = scanner.body(0, scanner.length() - RecordLayout.HEADER);
    byte[] record = new byte[header.length + body.length];
    System.arraycopy(header, 0, record, 0, header.length);
    System.arraycopy(body, 0, record, header.length, body.length);
    return record;
  }

  /**
   * Deletes what a salvage without a plan left: it changed nothing, or is done. First it is forced
   * that there is none: a killed process may have deleted it in the page cache only, and a plan
   * that comes back must find all that it has moved.
   */
  static void clear(Path topic) {
    Path salvage = SegmentFiles.salvage(topic);
    if (DurableFiles.isDirectory(salvage)) {
      DurableFiles.forceNames(salvage);
    }
    clearDirectory(salvage.resolve("unused"));
    clearDirectory(salvage);
  }

  private static void clearDirectory(Path directory) {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (var files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw DurableFiles.failure(directory, "cannot be cleared", e);
    }
    DurableFiles.delete(directory);
  }
}
