package io.holdfast.engine.group;

/** Whoever takes leases: a consumer. */
public interface LeaseHolder {
  /**
   * The consumer's name.
   *
   * @return ASCII, at most 64 characters
   */
  String name();
}
