package io.holdfast.storage;

import io.holdfast.storage.check.SegmentState;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/**
 * What recovery writes to a segment file, by channel: the end behind a torn tail, and once more
 * what the device may never have got.
 */
final class SegmentTail {
  private static final int CHUNK = 64 * 1024;

  /** Bytes of the zero length that stands behind the last record. */
  private static final int END_WORD = RecordLayout.ALIGNMENT;

  private SegmentTail() {}

  /**
   * Ends the last segment where the good prefix ends: a zero length there, zeros over whole records
   * behind it, and no footer, which only a sealed segment has. Forces what it changes.
   *
   * @param last not sealed
   * @param torn whether anything stands behind the end
   * @param beyondEnd where the last whole record behind the end stops, or less
   */
  static void cut(SegmentState last, boolean torn, int beyondEnd) {
    int end = last.endPosition();
    int footer = SegmentLayout.footer(last.capacity());
    int to = Math.min(footer, Math.max(beyondEnd, end + END_WORD));
    try (FileChannel channel =
        DurableFiles.open(last.file(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      boolean changed = torn && zero(channel, end, to);
      changed |= zero(channel, footer, footer + SegmentLayout.FOOTER_HEADER);
      if (changed) {
        channel.force(false);
      }
    } catch (IOException e) {
      throw DurableFiles.failure(last.file(), "its torn tail cannot be cut", e);
    }
  }

  /** Writes zeros where anything else stands; says whether it did. */
  private static boolean zero(FileChannel channel, int from, int to) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    ByteBuffer zeros = ByteBuffer.allocate(CHUNK);
    boolean changed = false;
    for (int at = from; at < to; at += CHUNK) {
      int bytes = Math.min(CHUNK, to - at);
      fill(channel, chunk.clear().limit(bytes), at);
      if (!chunk.flip().equals(zeros.clear().limit(bytes))) {
        DurableFiles.writeFully(channel, zeros, at);
        changed = true;
      }
    }
    return changed;
  }

  /**
   * Writes the same bytes again and forces them: the page cache may hold what the device never got.
   * The zero length behind the end belongs to them; else what a recycled file held there counts.
   *
   * @param segment of the good prefix
   * @param from position of the first record that is not proven to have been forced
   */
  static void writeAgain(SegmentState segment, int from) {
    if (from >= segment.endPosition()) {
      return;
    }
    int footer = SegmentLayout.footer(segment.capacity());
    try (FileChannel channel =
        DurableFiles.open(segment.file(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      copyOver(channel, from, Math.min(footer, segment.endPosition() + END_WORD));
      if (segment.sealed()) {
        copyOver(channel, footer, segment.capacity());
      }
      channel.force(false);
    } catch (IOException e) {
      throw DurableFiles.failure(segment.file(), "its doubtful records cannot be forced", e);
    }
  }

  /**
   * Writes what an earlier process put, before the first force of it. Others may read it meanwhile,
   * and put records behind it.
   *
   * @param segment whose {@linkplain Segment#inherited bytes} they are
   */
  static void writeInheritedAgain(Segment segment) {
    int to = segment.inherited();
    if (to > 0) {
      try (FileChannel channel =
          DurableFiles.open(
              segment.file(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        copyOver(channel, 0, to);
      } catch (IOException e) {
        throw DurableFiles.failure(segment.file(), "what it held cannot be written again", e);
      }
      segment.inherited(0);
    }
  }

  /**
   * Writes what stands behind the end again, so that the file has no holes there: a store to a map
   * of one would need room, and on a full disk it is a fault.
   *
   * @param segment not sealed; its topic goes on in it, or a seal is put
   */
  static void fillHoles(SegmentState segment) {
    try (FileChannel channel =
        DurableFiles.open(segment.file(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      copyOver(channel, segment.endPosition(), segment.capacity());
    } catch (IOException e) {
      throw DurableFiles.failure(segment.file(), "its free part cannot be allocated", e);
    }
  }

  private static void copyOver(FileChannel channel, int from, int to) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    for (int at = from; at < to; at += CHUNK) {
      fill(channel, chunk.clear().limit(Math.min(CHUNK, to - at)), at);
      DurableFiles.writeFully(channel, chunk.flip(), at);
    }
  }

  private static void fill(FileChannel channel, ByteBuffer chunk, long at) throws IOException {
    while (chunk.hasRemaining()) {
      if (channel.read(chunk, at + chunk.position()) < 0) {
        throw new IOException("the file ends at " + (at + chunk.position()));
      }
    }
  }
}
