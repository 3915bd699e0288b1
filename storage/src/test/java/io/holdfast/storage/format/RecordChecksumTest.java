package io.holdfast.storage.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class RecordChecksumTest {
  @Test
  void joiningTwoSumsGivesTheSumOfBothParts() {
    long seed = Long.getLong("holdfast.checksum.seed", System.nanoTime());
    System.out.println("RecordChecksumTest: -Dholdfast.checksum.seed=" + seed);
    Random random = new Random(seed);
    RecordChecksum checksum = new RecordChecksum();
    for (int i = 0; i < 1_000; i++) {
      byte[] body = new byte[random.nextInt(300)];
      random.nextBytes(body);
      long salt = random.nextLong();
      int position = random.nextInt();
      int length = random.nextInt();
      int type = random.nextInt(0x10000);
      int attributes = random.nextInt(0x10000);
      int epoch = random.nextInt();
      long offset = random.nextLong();
      int lag = random.nextInt();
      int time = random.nextInt();
      ByteBuffer place = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
      place.putLong(salt).putInt(position).putInt(length);
      place.putShort((short) type).putShort((short) attributes).putInt(epoch);
      place.putLong(offset).putInt(lag).putInt(time);
      CRC32C expected = new CRC32C();
      expected.update(body);
      expected.update(place.array());

      checksum.place(salt, position, length);
      checksum.header(type, attributes, epoch, offset, lag, time);
      int found = checksum.finish(checksum.ofBody(body, 0, body.length));
      assertEquals((int) expected.getValue(), found, "seed " + seed);
    }
  }
}
