package io.holdfast.storage.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A file system of a real kernel on a loop device, whose power can be cut while a process writes to
 * it. What the kernel had written by then is there after the next mount, and nothing else: pages
 * of files and maps, names and sizes that nobody forced are lost, but for those that a cut is told
 * to let through.
 *
 * <p>Closing it leaves nothing behind: no mount, no loop device, no file. One thread at a time.
 */
public final class LoopDisk implements AutoCloseable {
  private static final int PAGE = 4_096;
  private static final int UNMOUNT_TRIES = 1_000; // of some milliseconds each
  private static final long BYTES = 512L << 20; // XFS wants 300 MiB; the file is sparse

  private final Path image;
  private final Path mount;
  private final PowerSwitch power;
  private String device; // null while no loop device is attached
  private boolean mounted;
  private long written; // pages that cuts let through
  private final Thread atExit = new Thread(this::closeAtExit); // where the tests are told to end

  private LoopDisk(Path directory, PowerSwitch power) {
    this.image = directory.resolve("disk.img");
    this.mount = directory.resolve("mount");
    this.power = power;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Makes one and mounts it.
   *
   * @param directory an empty one, where its file and its mount point stand
   * @param fileSystem {@code ext4} or {@code xfs}
   * @return to be closed
   * @throws IOException with what is missing, where this user may not, or has not the programs
   */
  public static LoopDisk make(Path directory, String fileSystem) throws IOException {
    LoopDisk disk = new LoopDisk(directory, PowerSwitch.start(directory));
    try {
      Files.createDirectory(disk.mount);
      try (FileChannel file =
          FileChannel.open(
              disk.image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        file.write(ByteBuffer.allocate(1), BYTES - 1);
      }
      disk.format(fileSystem);
      disk.mount();
      return disk;
    } catch (IOException | RuntimeException | Error e) {
      try (disk) {
        throw e;
      }
    }
  }

  /**
   * The page cache holds a file that was written in pieces in large folios, of which one store
   * dirties the whole. On an ext4 that could hold encrypted files it does not, so there each page
   * is kept or lost for itself; on XFS only what was read after a mount is.
   */
  private void format(String fileSystem) throws IOException {
    List<String> command = new ArrayList<>(List.of("mkfs." + fileSystem, "-q"));
    command.addAll(fileSystem.equals("ext4") ? List.of("-O", "encrypt") : List.of());
    command.add(image.toString());
    Commands.run(command.toArray(String[]::new));
  }

  /**
   * Where files are.
   *
   * @return the mount point
   */
  public Path root() {
    return mount;
  }

  /**
   * How many runs of pages the cuts let through that nobody had forced, or had.
   *
   * @return since it was made
   */
  public long written() {
    return written;
  }

  /**
   * Cuts the power under a process, kills it, and mounts again what is on the device.
   *
   * @param process whatever has files of it open; it is stopped before the cut
   * @param random chooses the pages that still reach the device, and whether the log of the file
   *     system does
   * @throws IOException when the system refuses
   */
  public void cut(ProcessHandle process, Random random) throws IOException {
    power.stop(process.pid());
    letThrough(random);
    power.cut(mount, random.nextInt(4) == 0);
    process.destroyForcibly();
    process.onExit().join();
    detach();
    mount();
  }

  /** All, nothing, or any share of the pages of each file. */
  private void letThrough(Random random) throws IOException {
    int share = shareOf(random); // of a hundred
    for (Path file : files(mount)) {
      int ofThis = random.nextInt(3) == 0 ? shareOf(random) : share;
      if (ofThis > 0) {
        letThrough(file, ofThis, random);
      }
    }
  }

  private static int shareOf(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> 100;
      default -> random.nextInt(100);
    };
  }

  private void letThrough(Path file, int share, Random random) throws IOException {
    long size;
    try {
      size = Files.size(file);
    } catch (NoSuchFileException e) {
      return; // a call that was under way when its process was stopped has deleted it
    }
    long from = -1;
    for (long at = 0; at < size; at += PAGE) {
      boolean chosen = random.nextInt(100) < share;
      if (chosen && from < 0) {
        from = at;
      } else if (!chosen && from >= 0) {
        write(file, from, at - from);
        from = -1;
      }
    }
    if (from >= 0) {
      write(file, from, size - from);
    }
  }

  private void write(Path file, long position, long bytes) throws IOException {
    if (Files.exists(file)) {
      power.write(file, position, bytes);
      written++;
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          found.addAll(files(entry));
        } else {
          found.add(entry);
        }
      }
    }
    found.sort(null);
    return found;
  }

  private void mount() throws IOException {
    device = Commands.run("losetup", "--find", "--show", image.toString());
    // What is read ahead comes in large folios, too.
    Path queue = Path.of("/sys/block").resolve(Path.of(device).getFileName()).resolve("queue");
    Files.writeString(queue.resolve("read_ahead_kb"), "0");
    Commands.run("mount", device, mount.toString());
    mounted = true;
  }

  /** A new loop device for each mount: nothing of the last one stays in its page cache. */
  private void detach() throws IOException {
    if (mounted) {
      unmount();
      mounted = false;
    }
    if (device != null) {
      Commands.run("losetup", "--detach", device);
      device = null;
    }
  }

  /** What was unmapped a moment ago may still be in use for a moment. */
  private void unmount() throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        Commands.run("umount", mount.toString());
        return;
      } catch (IOException e) {
        if (tries == UNMOUNT_TRIES) {
          throw e;
        }
      }
    }
  }

  private void closeAtExit() {
    try {
      closeNow();
    } catch (IOException e) {
      System.err.println("a loop device may be left behind: " + e);
    }
  }

  /** Unmounts it and deletes its file, also under a process that still has files open there. */
  @Override
  public void close() throws IOException {
    Runtime.getRuntime().removeShutdownHook(atExit);
    closeNow();
  }

  private void closeNow() throws IOException {
    try (power) {
      if (mounted) {
        mounted = false;
        Commands.run("umount", "--lazy", mount.toString());
      }
    } finally {
      try {
        detach();
      } finally {
        Files.deleteIfExists(image);
      }
    }
  }
}
