package io.holdfast.engine.dedup;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The ids of a topic's last messages, as many and for as long as the topic remembers them. The lock
 * of the topic's duplicates is held for every call.
 */
final class IdWindow {
  private final int most;
  private final long millis;
  private final Map<IdHash, Place> places = new LinkedHashMap<>(); // the oldest first

  /**
   * Makes an empty window.
   *
   * @param most ids
   * @param millis for how long each of them counts
   */
  IdWindow(int most, long millis) {
    this.most = most;
    this.millis = millis;
  }

  /**
   * Where a message stands.
   *
   * @param offset in its topic
   * @param time when it was taken, epoch milliseconds
   */
  record Place(long offset, long time) {}

  /** Returns where the message with an id stands, or null where there is none any more. */
  Place find(IdHash id, long now) {
    Place place = places.get(id);
    return place == null || isOver(place, now) ? null : place;
  }

  /** Adds the newest message. */
  void add(IdHash id, Place place, long now) {
    places.remove(id); // it was forgotten, and is the newest now
    places.put(id, place);
    Iterator<Place> oldest = places.values().iterator();
    Place first = oldest.next();
    while (places.size() > most || isOver(first, now) && first != place) {
      oldest.remove();
      first = oldest.next();
    }
  }

  int size() {
    return places.size();
  }

  private boolean isOver(Place place, long now) {
    return now - place.time() >= millis;
  }
}
