package io.holdfast.engine.dedup;

/**
 * What stands for the id of a message: SipHash-2-4 with 128 bits (Aumasson and Bernstein), with a
 * key of the topic's own. So nobody can make up two ids that are taken for one, and ids of any
 * length take the same room.
 *
 * @param low the first eight bytes, little-endian
 * @param high the others
 */
record IdHash(long low, long high) {

  /**
   * Hashes.
   *
   * @param key0 first half of the key
   * @param key1 the other half
   * @param bytes holds the id
   * @param at index of its first byte
   * @param length its bytes
   */
  static IdHash of(long key0, long key1, byte[] bytes, int at, int length) {
    State state = new State(key0, key1);
    int end = at + (length & ~7);
    for (int i = at; i < end; i += 8) {
      state.mix(word(bytes, i, 8));
    }
    state.mix((long) length << 56 | word(bytes, end, length & 7));
    return state.end();
  }

  private static long word(byte[] bytes, int at, int count) {
    long word = 0;
    for (int i = count - 1; i >= 0; i--) {
      word = word << 8 | bytes[at + i] & 0xFF;
    }
    return word;
  }

  /** The four words of the algorithm. */
  private static final class State {
    private long v0;
    private long v1;
    private long v2;
    private long v3;

    State(long key0, long key1) {
      v0 = key0 ^ 0x736f6d6570736575L;
      v1 = key1 ^ 0x646f72616e646f6dL ^ 0xee;
      v2 = key0 ^ 0x6c7967656e657261L;
      v3 = key1 ^ 0x7465646279746573L;
    }

    void mix(long word) {
      v3 ^= word;
      rounds(2);
      v0 ^= word;
    }

    IdHash end() {
      v2 ^= 0xee;
      rounds(4);
      long low = v0 ^ v1 ^ v2 ^ v3;
      v1 ^= 0xdd;
      rounds(4);
      return new IdHash(low, v0 ^ v1 ^ v2 ^ v3);
    }

    private void rounds(int count) {
      for (int i = 0; i < count; i++) {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
      }
    }
  }
}
