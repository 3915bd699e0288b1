package io.holdfast.engine.group;

/**
 * Messages that stand behind each other in a topic and were read in one go. It belongs to whoever
 * fills it, then to whoever holds the lock of the group and topic.
 */
final class PrefetchBatch {
  private final RecordContent[] contents;
  private final long[] keys;
  private int size;
  private int next;
  private long bytes;

  PrefetchBatch(int most) {
    contents = new RecordContent[most];
    keys = new long[most];
  }

  void add(RecordContent content, long key, int contentBytes) {
    contents[size] = content;
    keys[size] = key;
    size++;
    bytes += contentBytes;
  }

  boolean isEmpty() {
    return size == 0;
  }

  boolean isFull() {
    return size == contents.length;
  }

  long bytes() {
    return bytes;
  }

  /** Lets go what lies before an offset; returns how many messages are left. */
  int skipTo(long offset) {
    while (next < size && contents[next].offset() < offset) {
      contents[next++] = null;
    }
    return size - next;
  }

  RecordContent content() {
    return contents[next];
  }

  long key() {
    return keys[next];
  }
}
