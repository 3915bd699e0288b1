package io.holdfast.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What a receiver found wrong with the messages of a run. Immutable.
 *
 * @param lost sent and never received
 * @param repeated received once more
 * @param disordered received after a message that was sent later
 * @param corrupt received with other bytes than were sent
 */
public record Faults(long lost, long repeated, long disordered, long corrupt) {

  /**
   * Whether nothing is wrong.
   *
   * @return true when each message came once, in order and whole
   */
  public boolean none() {
    return lost == 0 && repeated == 0 && disordered == 0 && corrupt == 0;
  }

  @Override
  public String toString() {
    List<String> counts = new ArrayList<>();
    counts.add("%,d lost".formatted(lost));
    counts.add("%,d repeated".formatted(repeated));
    counts.add("%,d disordered".formatted(disordered));
    counts.add("%,d corrupt".formatted(corrupt));
    return String.join(", ", counts);
  }
}
