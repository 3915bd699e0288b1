package io.holdfast.storage.check;

import io.holdfast.storage.format.IndexLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The check of an index against the records of its segment. What it finds is a note: an index can
 * be rebuilt and is never trusted.
 */
final class IndexCheck {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final String HELP =
      "no message is affected: readers check what an index says; delete the file while the store"
          + " is closed, and they go without";

  private final Path file;
  private final long salt;
  private final IndexBuilder builder;
  private final UnsafeBuffer expected;

  IndexCheck(Path file, long salt, int capacity) {
    this.file = file;
    this.salt = salt;
    this.builder = new IndexBuilder(salt, capacity);
    this.expected = new UnsafeBuffer(builder.bytes());
  }

  /** Notes the entries that a whole record should have. */
  void record(SegmentScanner scanner) {
    builder.record(scanner);
  }

  /**
   * Compares; an entry is written before its record, so those of the records seen are there.
   *
   * @param needed whether the segment is sealed and marked as forced: before that it has no index,
   *     that of an earlier segment, or one that recovery made and that has aged since
   */
  Optional<Finding> finish(boolean needed) {
    if (!needed) {
      return Optional.empty();
    }
    Optional<IndexReader> read = IndexReader.read(file);
    boolean ours = read.filter(i -> i.hasMagic() && i.salt() == salt).isPresent();
    if (!ours) {
      String found = read.isEmpty() ? "none" : "another";
      return Optional.of(
          Finding.note(file, 0, "expected the index of this segment, found " + found, HELP));
    }
    IndexReader index = read.get();
    int pages = expected.capacity() / IndexLayout.ENTRY;
    for (int page = 1; page < pages; page++) {
      int entry = page * IndexLayout.ENTRY;
      int position = expected.getInt(entry + IndexLayout.POSITION, LE);
      if (position != 0 && (page >= index.pages() || !matches(index, page, entry))) {
        return Optional.of(mismatch(index, page, entry, position));
      }
    }
    return Optional.empty();
  }

  private boolean matches(IndexReader index, int page, int entry) {
    return index.position(page) == expected.getInt(entry + IndexLayout.POSITION, LE)
        && index.offset(page) == expected.getLong(entry + IndexLayout.OFFSET, LE)
        && (int) index.time(page) == expected.getInt(entry + IndexLayout.TIME, LE);
  }

  private Finding mismatch(IndexReader index, int page, int entry, int position) {
    long offset = expected.getLong(entry + IndexLayout.OFFSET, LE);
    String found =
        page >= index.pages()
            ? "the end of the file"
            : "offset %d at position %d".formatted(index.offset(page), index.position(page));
    return new Finding(
        Finding.Severity.NOTE,
        file,
        entry,
        entry + IndexLayout.ENTRY,
        offset,
        offset,
        "expected offset %d at position %d for page %d, found %s"
            .formatted(offset, position, page, found),
        HELP);
  }
}
