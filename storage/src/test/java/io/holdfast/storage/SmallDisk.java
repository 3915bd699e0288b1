package io.holdfast.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A file system in memory of a given size that can be filled up, and unmounted in the end. */
public final class SmallDisk implements AutoCloseable {
  private static final String FILLER = "filler";

  private final Path mount;

  private SmallDisk(Path mount) {
    this.mount = mount;
  }

  /**
   * Mounts one; none where this user may not.
   *
   * @param mount an empty directory
   * @param mebibytes its size
   * @return to be closed, or nothing
   * @throws IOException when the command cannot be run
   */
  public static Optional<SmallDisk> mount(Path mount, int mebibytes) throws IOException {
    boolean mounted =
        run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", mount.toString());
    return mounted ? Optional.of(new SmallDisk(mount)) : Optional.empty();
  }

  private static boolean run(String... command) throws IOException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /**
   * Where a store may be made.
   *
   * @return a directory that is not there yet
   */
  public Path directory() {
    return mount.resolve("store");
  }

  /** Takes all the room that is left. */
  public void fill() {
    leave(0);
  }

  /**
   * Takes all the room that is left but for some pages of 4 KiB.
   *
   * @param pages that stay free
   */
  public void leave(long pages) {
    byte[] page = new byte[4096];
    try (OutputStream out = Files.newOutputStream(mount.resolve(FILLER))) {
      while (mount.toFile().getUsableSpace() > pages * page.length) {
        out.write(page);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Room that is left.
   *
   * @return pages of 4 KiB
   */
  public long freePages() {
    return mount.toFile().getUsableSpace() / 4096;
  }

  /** Gives that room back. */
  public void free() {
    try {
      Files.deleteIfExists(mount.resolve(FILLER));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lazily: what was closed a moment ago may still be in use for a moment. */
  @Override
  public void close() throws IOException {
    if (!run("umount", "--lazy", mount.toString())) {
      throw new IOException(mount + " cannot be unmounted");
    }
  }
}
