package io.holdfast.storage.fuzz;

import io.holdfast.storage.check.ControlSlot;
import io.holdfast.storage.format.ControlLayout;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Puts right checksums into files whose content was changed: a checksum keeps out what a medium
 * does, not what a program writes, and behind it is where a parser can be led astray.
 */
public final class Signatures {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int SALT = 40;

  private Signatures() {}

  /**
   * Signs whatever a file is, told by its name.
   *
   * @param name of the file
   * @param content is changed where it has checksums
   * @return the content; a new array where its length changes
   */
  public static byte[] sign(String name, byte[] content) {
    if (name.endsWith(".log")) {
      segment(content);
    } else if (name.endsWith("store.ctl")) {
      control(content);
    } else if (name.endsWith(".properties") || name.endsWith("plan")) {
      return text(content);
    } else if (name.endsWith("head") || name.endsWith("slots") || name.endsWith(".done")) {
      header(content, 0);
      header(content, FileHeader.SECOND_COPY);
      if (name.endsWith("head")) {
        head(content);
      }
    }
    return content;
  }

  static void segment(byte[] content) {
    if (content.length < FileHeader.BLOCK) {
      return;
    }
    header(content, 0);
    header(content, FileHeader.SECOND_COPY);
    UnsafeBuffer buffer = new UnsafeBuffer(content);
    int footer = content.length - SegmentLayout.FOOTER_BLOCK;
    if (footer >= SegmentLayout.DATA) {
      header(content, footer + SegmentLayout.FOOTER_HEADER);
      put(buffer, footer, SegmentLayout.FOOTER_CRC);
    }
    RecordChecksum checksum = new RecordChecksum();
    long salt = buffer.getLong(SALT, LE);
    int at = SegmentLayout.DATA;
    while (at + RecordLayout.HEADER <= footer) {
      int length = buffer.getInt(at, LE);
      if (length < RecordLayout.HEADER || length > footer - at) {
        return;
      }
      int crc = checksum.ofRecord(content, at, length, salt, at);
      buffer.putInt(at + RecordLayout.CRC, crc, LE);
      at += RecordLayout.aligned(length);
    }
  }

  private static void control(byte[] content) {
    header(content, 0);
    header(content, FileHeader.SECOND_COPY);
    for (int slot = 0; slot < ControlLayout.SLOTS; slot++) {
      int at = ControlLayout.slot(slot, content.length);
      if (at < 0 || at + ControlLayout.ENTRIES > content.length) {
        return;
      }
      UnsafeBuffer buffer = new UnsafeBuffer(content);
      long topics = buffer.getInt(at + ControlLayout.TOPICS, LE);
      long end = at + ControlLayout.ENTRIES + topics * ControlLayout.ENTRY;
      if (topics >= 0 && end <= content.length) {
        byte[] bytes = Arrays.copyOfRange(content, at, (int) end);
        buffer.putInt(at + ControlLayout.CRC, ControlSlot.checksum(bytes), LE);
      }
    }
  }

  /** Two slots of 64 bytes, each behind a block of its own, with the sum in their last four. */
  private static void head(byte[] content) {
    UnsafeBuffer buffer = new UnsafeBuffer(content);
    for (int at = FileHeader.BLOCK; at + 64 <= content.length; at += FileHeader.BLOCK) {
      put(buffer, at, 60);
    }
  }

  private static void header(byte[] content, int at) {
    if (at >= 0 && at + FileHeader.LENGTH <= content.length) {
      put(new UnsafeBuffer(content), at, FileHeader.LENGTH - 4);
    }
  }

  private static void put(UnsafeBuffer buffer, int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.byteArray(), at, length);
    buffer.putInt(at + length, (int) crc.getValue(), LE);
  }

  private static byte[] text(byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8);
    int last = text.lastIndexOf("crc32c=");
    String lines = last < 0 ? text : text.substring(0, last);
    CRC32C crc = new CRC32C();
    crc.update(lines.getBytes(StandardCharsets.UTF_8));
    return (lines + "crc32c=%08x\n".formatted(crc.getValue())).getBytes(StandardCharsets.UTF_8);
  }
}
