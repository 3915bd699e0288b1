package io.holdfast.engine.group;

import io.holdfast.engine.error.DamagedGroupException;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The header that each file of a group's state begins with: what makes it known as state of this
 * store and of this life of the topic.
 */
final class GroupFiles {
  private GroupFiles() {}

  /** Writes the header into a new file that is all zeros, and forces it. */
  static void writeHeader(MappedRegion region, FileKind kind, UUID store, int topic) {
    long salt = ThreadLocalRandom.current().nextLong();
    FileHeader.of(kind, store, salt, region.capacity(), topic).writeBlock(region.buffer(), 0);
    region.force(0, FileHeader.BLOCK);
  }

  /**
   * Checks the header of a file.
   *
   * @return false where the file is whole but belongs to another store or another topic
   * @throws DamagedGroupException when no copy of the header is valid
   */
  static boolean isOurs(MappedRegion region, FileKind kind, Path file, UUID store, int topic) {
    if (region.capacity() < FileHeader.BLOCK) {
      throw damaged(file, "it has " + region.capacity() + " bytes, its header alone has 4096");
    }
    Optional<FileHeader> header = FileHeader.readBlock(kind, region.buffer(), 0, file);
    if (header.isEmpty()) {
      throw damaged(file, "no copy of its header is valid");
    }
    return header.get().storeId().equals(store) && header.get().topic() == topic;
  }

  static DamagedGroupException damaged(Path file, String what) {
    return new DamagedGroupException(
        file + ": " + what + ". The group cannot receive from this topic until the file is"
            + " restored from a copy. To begin again with the oldest message instead, delete the"
            + " directory " + file.getParent() + " while the store is closed; messages that were"
            + " acked then come again");
  }
}
