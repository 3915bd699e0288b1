package io.holdfast.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Bytes of a file that are not what was written, in a way that a medium, or a hand, may bring
 * about. Immutable.
 *
 * @param what for messages
 * @param position in the file
 * @param before what was written
 * @param after what stands there instead, just as long
 */
record FlipChange(String what, int position, byte[] before, byte[] after) {

  /** One bit of a file, counted from its first byte, and there from the lowest bit. */
  static FlipChange bit(byte[] file, int bit) {
    byte before = file[bit / 8];
    return new FlipChange(
        "bit %d of byte %d flipped".formatted(bit % 8, bit / 8),
        bit / 8,
        new byte[] {before},
        new byte[] {(byte) (before ^ 1 << bit % 8)});
  }

  /** Puts bytes in the place of those that stand there. */
  static FlipChange of(String what, byte[] file, int position, byte[] after) {
    byte[] before = Arrays.copyOfRange(file, position, position + after.length);
    return new FlipChange(what + " at " + position, position, before, after);
  }

  void apply(Path file) {
    write(file, after);
  }

  void undo(Path file) {
    write(file, before);
  }

  boolean touches(int from, int to) {
    for (int i = 0; i < before.length; i++) {
      int at = position + i;
      if (at >= from && at < to && before[i] != after[i]) {
        return true;
      }
    }
    return false;
  }

  /** Whether nothing but zeros is left of a range, all of which is changed. */
  boolean clears(int from, int to) {
    boolean zeros = position <= from && position + after.length >= to;
    for (int at = from; zeros && at < to; at++) {
      zeros = after[at - position] == 0;
    }
    return zeros;
  }

  private void write(Path file, byte[] bytes) {
    try (FileChannel channel =
        file.getFileSystem().provider().newFileChannel(
            file, java.util.Set.of(StandardOpenOption.WRITE))) {
      channel.write(ByteBuffer.wrap(bytes), position);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return what;
  }
}
