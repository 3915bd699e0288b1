package io.holdfast.engine.group;

/** Whoever takes leases: a consumer. */
public interface LeaseHolder {
  /**
   * The consumer's name.
   *
   * @return ASCII, at most 64 characters
   */
  String name();

  /**
   * Whether the consumer is closed.
   *
   * @return true where nobody gives back any more what it still has
   */
  default boolean isGone() {
    return false;
  }

  /**
   * Whether messages with keys of a bucket may go to it.
   *
   * @param bucket 0 to {@link KeyOrder#BUCKETS} - 1
   * @return true unless the group shares its load by key
   */
  default boolean takes(int bucket) {
    return true;
  }
}
