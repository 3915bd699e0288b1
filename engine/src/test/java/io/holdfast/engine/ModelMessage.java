package io.holdfast.engine;

/** One message as the table sees it. */
final class ModelMessage {
  final long offset;
  final String key; // null where it waits for nobody
  String state = "available";
  long deliverAt; // 0 = at once
  boolean cancelled;
  long due; // of available
  long deadline; // of running
  int attempts;
  int failures;
  boolean suspect; // was out when a process died, and not settled since
  Delivery holder; // the last delivery of this process, or null
  boolean settledByHolder;
  int batch; // of the receive that handed it out last

  ModelMessage(long offset, String key) {
    this.offset = offset;
    this.key = key;
  }
}
