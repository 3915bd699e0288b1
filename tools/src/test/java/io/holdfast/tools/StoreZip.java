package io.holdfast.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** A closed store in a zip file; what is zero in it costs neither room there nor on the disk. */
final class StoreZip {
  private static final int BLOCK = 4096;
  private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 1, 0, 0);

  private StoreZip() {}

  /** Without the lock and the owner, which are of a process. */
  static void pack(Path store, Path zip) throws IOException {
    try (OutputStream file = Files.newOutputStream(zip);
        ZipOutputStream out = new ZipOutputStream(file);
        Stream<Path> found = Files.walk(store)) {
      out.setLevel(Deflater.BEST_COMPRESSION);
      List<Path> files =
          found
              .filter(Files::isRegularFile)
              .filter(path -> !path.endsWith("store.lock") && !path.endsWith("store.owner"))
              .sorted()
              .toList();
      for (Path path : files) {
        ZipEntry entry = new ZipEntry(store.relativize(path).toString());
        entry.setTimeLocal(TIME);
        out.putNextEntry(entry);
        Files.copy(path, out);
        out.closeEntry();
      }
    }
  }

  /** Makes the store; blocks of zeros become holes. */
  static Path unpack(Path zip, Path store) throws IOException {
    try (InputStream file = Files.newInputStream(zip);
        ZipInputStream in = new ZipInputStream(file)) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        Path path = store.resolve(entry.getName()).normalize();
        if (!path.startsWith(store)) {
          throw new IOException(zip + ": " + entry.getName() + " leads out of it");
        }
        Files.createDirectories(path.getParent());
        unpack(in, path);
      }
    }
    return store;
  }

  private static void unpack(InputStream in, Path path) throws IOException {
    byte[] zeros = new byte[BLOCK];
    try (RandomAccessFile out = new RandomAccessFile(path.toFile(), "rw")) {
      long at = 0;
      for (byte[] block = in.readNBytes(BLOCK); block.length > 0; block = in.readNBytes(BLOCK)) {
        if (!Arrays.equals(block, 0, block.length, zeros, 0, block.length)) {
          out.seek(at);
          out.write(block);
        }
        at += block.length;
      }
      out.setLength(at);
    }
  }
}
