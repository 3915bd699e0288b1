package io.holdfast.bench.quick;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * What one sender at powerLoss is held against: pwrite and fdatasync of a record's bytes, one
 * behind the other, in a file prepared the way segments are.
 *
 * <p>Arguments: payload, warmupMillis, millis. Figures: rate, cpu, messages.
 */
final class BareForceRun implements Workload {
  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws IOException {
    int length = FloorRing.HEADER + arguments.getInt("payload");
    int end = FloorRing.FILE_BYTES - length;
    byte[] noise = new Stamp(arguments.getInt("payload"), 0).number(1);
    ByteBuffer record = ByteBuffer.allocateDirect(length);
    record.position(FloorRing.HEADER).put(noise);
    try (FileChannel channel =
        ZeroedFile.create(directory.resolve("bare"), FloorRing.FILE_BYTES)) {
      Meter meter =
          new Meter(
              arguments.millisAsNanos("warmupMillis"),
              1,
              FloorRing.FILE_BYTES,
              arguments.millisAsNanos("millis"));
      long messages = 0;
      long position = 0;
      while (!meter.isOver(messages) && position < end) {
        record.clear();
        channel.write(record, position);
        channel.force(false);
        position += FloorRing.aligned(length);
        messages++;
      }
      meter.end(messages);
      meter.report(figures);
    }
  }
}
