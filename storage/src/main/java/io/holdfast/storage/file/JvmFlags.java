package io.holdfast.storage.file;

import io.holdfast.storage.error.JvmFlagsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The flags that the JVM must be started with, and the check that it was. */
public final class JvmFlags {
  private JvmFlags() {}

  /**
   * The flags on one line, ready to paste behind {@code java}. They are shipped in the storage jar
   * as {@code io/holdfast/storage/jvm.flags}, which {@code java @file} reads too.
   *
   * @return one line
   */
  public static String line() {
    try (InputStream in = JvmFlags.class.getResourceAsStream("/io/holdfast/storage/jvm.flags")) {
      if (in == null) {
        throw new IllegalStateException("the storage jar lacks io/holdfast/storage/jvm.flags");
      }
      String flags = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return flags.strip().replaceAll("\\s+", " ");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Checks that the packages that agrona and chronicle-bytes reach into are open to them.
   *
   * @throws JvmFlagsException with the flags, when they are not
   */
  public static void check() {
    Module ours = JvmFlags.class.getModule();
    Module base = Object.class.getModule();
    boolean open =
        base.isOpen("jdk.internal.misc", ours)
            && base.isOpen("java.lang.reflect", ours)
            && base.isOpen("sun.nio.ch", ours);
    if (!open) {
      throw new JvmFlagsException(
          "Holdfast maps memory and needs this JVM to be started with: java " + line());
    }
  }
}
