package io.holdfast.engine.dedup;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * With what the ids of a topic are hashed.
 *
 * @param first half
 * @param second half
 */
record IdKey(long first, long second) {

  /** The key of a ring. */
  static IdKey of(long salt, UUID storeId) {
    return new IdKey(salt, storeId.getMostSignificantBits() ^ storeId.getLeastSignificantBits());
  }

  IdHash hash(String id) {
    byte[] utf8 = id.getBytes(StandardCharsets.UTF_8);
    return hash(utf8, 0, utf8.length);
  }

  IdHash hash(byte[] bytes, int at, int length) {
    return IdHash.of(first, second, bytes, at, length);
  }
}
