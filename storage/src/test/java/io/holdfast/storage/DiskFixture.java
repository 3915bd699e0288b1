package io.holdfast.storage;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentScanner;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;

/** Ways in which tests look at, copy and damage what is on disk. */
final class DiskFixture {
  private DiskFixture() {}

  static Path segment(Path store, String topic, long number) {
    return SegmentFiles.log(store.resolve("topics").resolve(topic), number);
  }

  /** The number of the last segment that is in use: one more may have been named ahead. */
  static long lastSegment(Path store, String topic) {
    long number = SegmentFiles.list(store.resolve("topics").resolve(topic)).lastKey();
    try (SegmentScanner scanner = SegmentScanner.open(segment(store, topic, number))) {
      return scanner.begin().isPresent() ? number : number - 1;
    }
  }

  /** Where the record of an offset stands in a segment. */
  static int position(Path segment, long offset) {
    try (SegmentScanner scanner = SegmentScanner.open(segment)) {
      scanner.begin();
      while (scanner.next()) {
        if (scanner.offset() == offset) {
          return scanner.position();
        }
      }
    }
    throw new IllegalArgumentException("no offset " + offset + " in " + segment);
  }

  static void flip(Path file, long position) {
    overwrite(file, position, (byte) (read(file, position, 1)[0] ^ 0x10));
  }

  static void overwrite(Path file, long position, byte... bytes) {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.seek(position);
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] read(Path file, long position, int bytes) {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] read = new byte[bytes];
      in.seek(position);
      in.readFully(read);
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void truncate(Path file, long length) {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes holes of all zeros in a file. */
  static void makeSparse(Path file) {
    byte[] zeros = new byte[4096];
    try {
      byte[] content = Files.readAllBytes(file);
      Files.delete(file);
      try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
        out.setLength(content.length);
        for (int at = 0; at < content.length; at += zeros.length) {
          if (!Arrays.equals(content, at, at + zeros.length, zeros, 0, zeros.length)) {
            out.seek(at);
            out.write(content, at, zeros.length);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What a killed process leaves: the files as they are, without the lock. Copied while
   * none of the store's threads moves any.
   */
  static Path crashed(Store open, Path copy) {
    return open.atRest(() -> copy(open.directory(), copy));
  }

  /** A copy of a store that nobody has open. */
  static Path copyOf(Path store, Path copy) {
    return copy(store, copy);
  }

  private static Path copy(Path store, Path copy) {
    try {
      Files.walkFileTree(
          store,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes a)
                throws IOException {
              Files.createDirectories(copy.resolve(store.relativize(directory).toString()));
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
              // store.lock must not be opened: closing it again would free the lock of this process
              if (!file.endsWith("store.lock")) {
                Files.copy(file, copy.resolve(store.relativize(file).toString()));
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return copy;
  }
}
