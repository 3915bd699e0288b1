package io.holdfast.engine;

/** One message as the table sees it. */
final class ModelMessage {
  final long offset;
  final String key; // null where it waits for nobody
  String state = "available";
  long deliverAt; // 0 = at once
  long expiresAt; // from then on nobody gets it
  boolean cancelled;
  long due; // of available
  long deadline; // of running
  int attempts;
  int failures;
  int deaths; // more than one where a seek brought it back
  boolean suspect; // was out when a process died, and not settled since
  Delivery holder; // the last delivery of this process, or null
  boolean settledByHolder;
  int batch; // of the receive that handed it out last

  ModelMessage(long offset, String key) {
    this.offset = offset;
    this.key = key;
  }

  /** Whether the group is done with it. */
  boolean isFinished() {
    return state.equals("done") || state.equals("dead");
  }

  /** Whether it was out, and waits for another try. */
  boolean isRetrying() {
    return state.equals("available") && attempts > 0;
  }

  boolean isTooOld(long now) {
    return state.equals("available") && expiresAt <= now;
  }

  void dies() {
    state = "dead";
    deaths++;
  }

  /** A seek has brought it back: nothing is known of what was. */
  void again() {
    state = "available";
    due = deliverAt;
    attempts = 0;
    failures = 0;
    suspect = false;
  }
}
