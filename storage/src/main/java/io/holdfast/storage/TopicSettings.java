package io.holdfast.storage;

import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.file.PropertiesFile;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a topic was created with; it stands in {@code topic.properties} and never changes.
 * Immutable.
 *
 * @param durability what a confirmation survives
 * @param segmentSize bytes that segments grow to, a multiple of 4 KiB, up to 1 GiB
 * @param maxMessageSize largest payload, bytes
 * @param extra what the engine keeps beside it: keys of letters, digits, dot and hyphen
 */
public record TopicSettings(
    Durability durability, int segmentSize, int maxMessageSize, SortedMap<String, String> extra) {

  /** Bytes that segments grow to unless the topic says otherwise: 64 MiB. */
  public static final int DEFAULT_SEGMENT_SIZE = 64 << 20;

  /** Largest payload unless the topic says otherwise: 1 MiB. */
  public static final int DEFAULT_MAX_MESSAGE_SIZE = 1 << 20;

  /** The largest maxMessageSize: a segment must hold four records of it. */
  public static final int MAX_MESSAGE_SIZE = 128 << 20;

  private static final int LEAST_SEGMENT_SIZE = 1 << 20;
  private static final String EXTRA = "extra.";

  /**
   * Checks the parts.
   *
   * @param durability not null
   * @param segmentSize see above
   * @param maxMessageSize 1 byte to {@link #MAX_MESSAGE_SIZE}
   * @param extra copied
   * @throws IllegalArgumentException when a size is out of its range
   */
  public TopicSettings {
    Objects.requireNonNull(durability, "durability");
    extra = Collections.unmodifiableSortedMap(new TreeMap<>(extra));
    if (maxMessageSize < 1 || maxMessageSize > MAX_MESSAGE_SIZE) {
      throw new IllegalArgumentException(
          "maxMessageSize: expected 1 to %d bytes, found %d"
              .formatted(MAX_MESSAGE_SIZE, maxMessageSize));
    }
    int least = leastSegmentSize(maxMessageSize);
    boolean inRange = segmentSize >= least && segmentSize <= SegmentLayout.MAX_CAPACITY;
    if (!inRange || segmentSize % SegmentLayout.FOOTER_BLOCK != 0) {
      throw new IllegalArgumentException(
          ("segmentSize: expected a multiple of 4096 from %d (four messages of %d bytes) to %d "
                  + "bytes, found %d")
              .formatted(least, maxMessageSize, SegmentLayout.MAX_CAPACITY, segmentSize));
    }
  }

  /**
   * Settings with the default sizes.
   *
   * @param durability what a confirmation survives
   * @return the settings
   */
  public static TopicSettings of(Durability durability) {
    return new TopicSettings(
        durability, DEFAULT_SEGMENT_SIZE, DEFAULT_MAX_MESSAGE_SIZE, new TreeMap<>());
  }

  /**
   * Bytes that the records of one batch have at most: a quarter of what {@link #segmentSize} must
   * be at least.
   *
   * @return bytes
   */
  public int maxBatchBytes() {
    return leastSegmentSize(maxMessageSize) / 4;
  }

  /**
   * Bytes of the segment that follows one of a given size: four times as many, up to {@link
   * #segmentSize}. So an idle topic takes little room, and a busy one soon has large segments.
   *
   * @param capacity bytes of the segment before
   * @return a multiple of 4 KiB
   */
  int segmentSizeAfter(int capacity) {
    return (int) Math.min(segmentSize, 4L * capacity);
  }

  /**
   * Bytes of the smallest segment in which records fit.
   *
   * @param bytes that they take
   * @return a multiple of 4 KiB
   */
  int leastSegment(int bytes) {
    long least = SegmentWriter.capacityFor(bytes) + 4_095 & -4_096;
    return (int) Math.max(StoreConfig.FIRST_SEGMENT, least);
  }

  /**
   * Bytes of the smallest segment in which the largest record fits.
   *
   * @return a multiple of 4 KiB
   */
  int leastSegment() {
    return leastSegment(RecordLayout.HEADER + RecordLayout.MAX_ATTRIBUTES + maxMessageSize + 8);
  }

  /**
   * Bytes that a bound on all segments of the topic has at least: room for four of the largest
   * batches, each in a segment of its own.
   *
   * @return bytes
   */
  public long leastBytes() {
    return 4L * leastSegment(maxBatchBytes());
  }

  private static int leastSegmentSize(int maxMessageSize) {
    long record = RecordLayout.HEADER + RecordLayout.MAX_ATTRIBUTES + (long) maxMessageSize + 8;
    long room = 4 * record + SegmentLayout.DATA + SegmentLayout.FOOTER_BLOCK + 4096;
    long rounded = room + 65_535 & -65_536;
    return (int) Math.max(LEAST_SEGMENT_SIZE, rounded);
  }

  void write(Path file, int number, String name) {
    SortedMap<String, String> properties = new TreeMap<>();
    properties.put("number", Integer.toString(number));
    properties.put("name", name);
    properties.put("durability", durability.toString());
    properties.put("segmentSize", Integer.toString(segmentSize));
    properties.put("maxMessageSize", Integer.toString(maxMessageSize));
    extra.forEach((key, value) -> properties.put(EXTRA + key, value));
    PropertiesFile.write(file, properties);
  }

  /** A topic's number and settings, as its file gives them. */
  record Stored(int number, TopicSettings settings) {}

  static Stored read(Path file, String name) {
    SortedMap<String, String> properties = PropertiesFile.read(file);
    String stored = PropertiesFile.require(file, properties, "name");
    if (!stored.equals(name)) {
      throw new DamagedStoreException(
          "%s: expected the name of its directory, found '%s': the directory was renamed or copied"
              .formatted(file, stored));
    }
    SortedMap<String, String> extra = new TreeMap<>();
    properties.forEach(
        (key, value) -> {
          if (key.startsWith(EXTRA)) {
            extra.put(key.substring(EXTRA.length()), value);
          }
        });
    try {
      TopicSettings settings =
          new TopicSettings(
              Durability.parse(PropertiesFile.require(file, properties, "durability")),
              Integer.parseInt(PropertiesFile.require(file, properties, "segmentSize")),
              Integer.parseInt(PropertiesFile.require(file, properties, "maxMessageSize")),
              extra);
      int number = Integer.parseInt(PropertiesFile.require(file, properties, "number"));
      return new Stored(number, settings);
    } catch (IllegalArgumentException e) {
      throw new DamagedStoreException(file + ": " + e.getMessage(), e);
    }
  }
}
