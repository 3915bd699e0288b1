package io.holdfast.storage.crash;

import java.util.Map;
import java.util.function.Function;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * A number of a tree of files, each with its names, its bytes as seen and its bytes on the device.
 * The order of the names in a directory does not count.
 */
final class Fingerprint {
  private static final long MIX = 0x9E37_79B9_7F4A_7C15L;

  private final CRC32 one = new CRC32();
  private final CRC32C other = new CRC32C();
  private long value;

  long value() {
    return value;
  }

  /** Adds a directory and all below it. */
  void add(
      DiskDirectory root,
      Function<DiskFile, DiskFile.Image> files,
      Function<DiskDirectory, CrashPoint.Names> directories) {
    CrashPoint.Names names = directories.apply(root);
    add(1, names.seen(), files, directories);
    if (!names.seen().equals(names.onDevice())) {
      add(2, names.onDevice(), files, directories);
    }
  }

  private void add(
      long path,
      Map<String, DiskNode> names,
      Function<DiskFile, DiskFile.Image> files,
      Function<DiskDirectory, CrashPoint.Names> directories) {
    names.forEach(
        (name, node) -> {
          long inner = mix(path, name.hashCode());
          if (node instanceof DiskFile file) {
            value += content(inner, files.apply(file));
          } else {
            CrashPoint.Names below = directories.apply((DiskDirectory) node);
            value += mix(inner, 3);
            add(inner, below.seen(), files, directories);
            if (!below.seen().equals(below.onDevice())) {
              add(mix(inner, 2), below.onDevice(), files, directories);
            }
          }
        });
  }

  private long content(long path, DiskFile.Image image) {
    long content = mix(mix(path, image.size()), image.sizeOnDevice());
    for (int page = 0; page < image.pages().length; page++) {
      byte[] seen = image.pages()[page];
      byte[] device = DiskFile.page(image.onDevice(), page);
      if (seen != DiskFile.ZEROS) {
        content += mix(page, hash(seen));
      }
      if (device != seen) {
        content += mix(page + 7L, hash(device));
      }
    }
    return mix(path, content);
  }

  private long hash(byte[] page) {
    one.reset();
    one.update(page);
    other.reset();
    other.update(page);
    return one.getValue() << 32 | other.getValue();
  }

  private static long mix(long hash, long with) {
    long mixed = (hash ^ with * MIX) * MIX;
    return mixed ^ mixed >>> 29;
  }
}
