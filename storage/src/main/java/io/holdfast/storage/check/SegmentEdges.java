package io.holdfast.storage.check;

import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/** The first and the last block of a segment: three copies of the header, footer, forced mark. */
final class SegmentEdges {
  private static final String HARMLESS = "no message is affected; keep an eye on the device";

  private final Path file;
  private final long footerPosition;
  private final long salt;
  private final Optional<SegmentFooter> footer;
  private final long mark;

  private SegmentEdges(Path file, FileHeader header, UnsafeBuffer block) {
    this.file = file;
    this.footerPosition = SegmentLayout.footer((int) header.capacity());
    this.salt = header.salt();
    this.footer = SegmentFooter.read(block, 0, salt);
    this.mark = block.getLong(SegmentLayout.FOOTER_FORCED, ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads the last block of a whole segment. */
  static SegmentEdges read(Path file, SegmentScanner scanner) {
    FileHeader header = scanner.header().orElseThrow();
    int at = SegmentLayout.footer((int) header.capacity());
    byte[] block = scanner.read(at, SegmentLayout.FOOTER_BLOCK);
    return new SegmentEdges(file, header, new UnsafeBuffer(block));
  }

  Optional<SegmentFooter> footer() {
    return footer;
  }

  /** One finding for each copy of the header that is not what the valid one says. */
  static List<Finding> headerCopies(Path file, SegmentScanner scanner) {
    FileHeader header = scanner.header().orElseThrow();
    List<Finding> found = new ArrayList<>();
    int last = SegmentLayout.footer((int) header.capacity()) + SegmentLayout.FOOTER_HEADER;
    for (int at : new int[] {0, FileHeader.SECOND_COPY, last}) {
      UnsafeBuffer copy = new UnsafeBuffer(scanner.read(at, FileHeader.LENGTH));
      boolean same =
          FileHeader.readCopy(FileKind.SEGMENT, copy, 0, file).filter(header::equals).isPresent();
      if (!same) {
        found.add(
            Finding.damage(
                file,
                at,
                "expected a copy of the header, found something else; another copy serves",
                HARMLESS));
      }
    }
    return found;
  }

  /** The mark is written as a whole, so it is there or it is not. */
  Optional<Finding> markFinding() {
    if (mark == 0 || mark == ~salt) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.damage(
            file,
            footerPosition + SegmentLayout.FOOTER_FORCED,
            "expected the forced mark %016x or zeros, found %016x".formatted(~salt, mark),
            HARMLESS));
  }

  /**
   * Holds the footer against the records.
   *
   * @param expected what they say
   * @param faulty whether some could not be read: then only the end is compared
   * @param live whether the footer may be in the making
   */
  Optional<Finding> compare(SegmentFooter expected, boolean faulty, boolean live) {
    if (footer.isEmpty() && mark == 0) {
      return live
          ? Optional.empty()
          : Optional.of(
              Finding.note(
                  file,
                  footerPosition,
                  "the segment is sealed but has no footer",
                  "nothing to do: the roll was cut short, and the next opening writes it"));
    }
    if (footer.isEmpty()) {
      return Optional.of(
          Finding.damage(
              file,
              footerPosition,
              "expected a footer, for the segment was forced, found none with a valid checksum",
              "no message is affected: the next opening reads the segment and writes it again"));
    }
    SegmentFooter found = footer.get();
    boolean same =
        found.endOffset() == expected.endOffset()
            && found.endPosition() == expected.endPosition()
            && (faulty || sameCounts(found, expected));
    return same
        ? Optional.empty()
        : Optional.of(
            Finding.damage(
                file,
                footerPosition,
                "expected the footer of the records before it, %s, found %s"
                    .formatted(text(expected), text(found)),
                "restore the topic from a backup"));
  }

  private static boolean sameCounts(SegmentFooter found, SegmentFooter expected) {
    return found.firstOffset() == expected.firstOffset()
        && found.records() == expected.records()
        && found.lastTime() == expected.lastTime();
  }

  private static String text(SegmentFooter footer) {
    return "offsets %d to %d in %d records up to position %d"
        .formatted(
            footer.firstOffset(), footer.endOffset(), footer.records(), footer.endPosition());
  }
}
