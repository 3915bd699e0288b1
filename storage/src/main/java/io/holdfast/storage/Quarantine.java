package io.holdfast.storage;

import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.file.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What recovery set aside: bytes that no confirmation covers, kept for people to look at. At most
 * 64 MiB stay, the newest; used while the store opens only. The directories in it are those of
 * salvages, which hold damaged files whole; they stay until somebody deletes them.
 */
final class Quarantine {
  /** Bytes that are kept; the oldest files go first. */
  static final long MAX_BYTES = 64L << 20;

  private final Path directory;

  Quarantine(Path directory) {
    this.directory = directory;
  }

  /** Moves a whole segment file here. */
  synchronized void move(Path file, String topic) {
    DurableFiles.rename(file, free(topic + "-" + file.getFileName()));
    prune();
  }

  /** Copies a range of a segment file here. */
  synchronized void copy(Path file, int from, int to, String topic) {
    Path target = free("%s-%s-from-%d".formatted(topic, file.getFileName(), from));
    long bytes = Math.min(to - from, MAX_BYTES);
    DurableFiles.allocate(target, bytes);
    try (FileChannel in = DurableFiles.open(file, StandardOpenOption.READ);
        FileChannel out = DurableFiles.open(target, StandardOpenOption.WRITE)) {
      long done = 0;
      while (done < bytes) {
        long step = in.transferTo(from + done, bytes - done, out.position(done));
        if (step <= 0) {
          throw new IOException("read " + done + " of " + bytes + " bytes");
        }
        done += step;
      }
      out.force(true);
      DurableFiles.forceDirectory(directory);
    } catch (IOException e) {
      throw DurableFiles.failure(file, "its torn tail cannot be set aside", e);
    }
    prune();
  }

  private Path free(String name) {
    Path target = directory.resolve(name);
    for (int i = 1; DurableFiles.exists(target); i++) {
      target = directory.resolve(name + "." + i);
    }
    return target;
  }

  private void prune() {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      for (Path entry : found) {
        if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) { // what a salvage keeps, stays
          files.add(entry);
        }
      }
    } catch (IOException e) {
      throw DurableFiles.failure(directory, "cannot be listed", e);
    }
    files.sort(Comparator.comparingLong(Quarantine::modified).reversed());
    long kept = 0;
    for (Path file : files) {
      kept += size(file);
      if (kept > MAX_BYTES) {
        DurableFiles.delete(file);
      }
    }
  }

  private static long modified(Path file) {
    try {
      return Files.getLastModifiedTime(file).toMillis();
    } catch (IOException e) {
      throw new HoldfastException(file + ": cannot be looked at: " + e.getMessage(), e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new HoldfastException(file + ": cannot be looked at: " + e.getMessage(), e);
    }
  }
}
