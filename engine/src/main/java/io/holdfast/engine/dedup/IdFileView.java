package io.holdfast.engine.dedup;

import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the file {@code ids} of a topic says, for tools.
 *
 * @param header where a copy of it is valid
 * @param checkpoint offset below which messages have their entries here; -1 where no head is valid
 * @param next number of the entry that comes next
 * @param entries those below the checkpoint that are whole, the oldest first
 */
public record IdFileView(
    Optional<FileHeader> header, long checkpoint, long next, List<Entry> entries) {
  private static final int MOST_BYTES = 64 << 20; // more than a million entries

  /**
   * The id of a message.
   *
   * @param hash of the id, 32 hexadecimal digits
   * @param offset of the message
   * @param time when the topic took it, epoch milliseconds
   */
  public record Entry(String hash, long offset, long time) {}

  /**
   * Reads the file.
   *
   * @param file of any size
   * @return what is whole in it
   * @throws io.holdfast.storage.error.FormatVersionException when it asks for a newer version
   */
  public static IdFileView read(Path file) {
    UnsafeBuffer bytes = new UnsafeBuffer(DurableFiles.read(file, MOST_BYTES));
    Optional<FileHeader> header =
        bytes.capacity() < FileHeader.BLOCK
            ? Optional.empty()
            : FileHeader.readBlock(FileKind.DEDUP_IDS, bytes, 0, file);
    if (bytes.capacity() < IdRingLayout.RING + IdRingLayout.ENTRY) {
      return new IdFileView(header, -1, 0, List.of());
    }
    try (IdRing ring = new IdRing(MappedRegion.of(file, bytes, (from, length) -> {}))) {
      List<Entry> entries = new ArrayList<>();
      if (!ring.open()) {
        return new IdFileView(header, -1, 0, entries);
      }
      ring.each(
          (id, place) ->
              entries.add(
                  new Entry(
                      "%016x%016x".formatted(id.low(), id.high()), place.offset(), place.time())));
      return new IdFileView(header, ring.checkpoint(), ring.next(), entries);
    }
  }
}
