package io.holdfast.storage;

import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;

/** Segments as recycling makes them: full of records of an earlier life. */
final class RecycledFixture {
  private RecycledFixture() {}

  /** A file that was recycled and got a name, and has not been used. */
  static void nameAhead(Path sealed, Path name, UUID storeId, long salt) {
    byte[] content = content(sealed);
    int footer = SegmentLayout.footer(content.length);
    Arrays.fill(content, SegmentLayout.DATA, SegmentLayout.DATA + 8, (byte) 0);
    Arrays.fill(content, footer, content.length, (byte) 0);
    FileHeader header = FileHeader.of(FileKind.SEGMENT, storeId, salt, content.length, 0);
    header.writeBlock(new UnsafeBuffer(content), 0);
    header.writeCopy(new UnsafeBuffer(content), footer + SegmentLayout.FOOTER_HEADER);
    write(name, content);
  }

  /** As if the file of a segment that is written to had been recycled before its use. */
  static void fillBehind(Path active, Path sealed) {
    byte[] stale = content(sealed);
    byte[] content = content(active);
    int from = end(active) + 8; // a zero length stands at the end
    int to = SegmentLayout.footer(content.length);
    int records = SegmentLayout.footer(stale.length) - SegmentLayout.DATA;
    for (int at = from; at < to; at++) { // a smaller segment is repeated
      content[at] = stale[SegmentLayout.DATA + (at - SegmentLayout.DATA) % records];
    }
    write(active, content);
  }

  /** Where the records of a segment end. */
  static int end(Path segment) {
    try (SegmentScanner scanner = SegmentScanner.open(segment)) {
      scanner.begin();
      while (scanner.next()) {
        // to the end
      }
      return scanner.nextPosition();
    }
  }

  static byte[] content(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, byte[] content) {
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
