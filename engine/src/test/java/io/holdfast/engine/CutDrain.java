package io.holdfast.engine;

import io.holdfast.storage.history.HistoryPipe;
import io.holdfast.storage.history.Stamp;
import java.time.Duration;
import java.util.Map;

/** Acks everything that two groups have not done yet, once the last cut is over. */
final class CutDrain {
  private final Map<CutTopic, CutPipe> pipes;

  CutDrain(Map<CutTopic, CutPipe> pipes) {
    this.pipes = pipes;
  }

  void drain(Group... groups) {
    for (Group group : groups) {
      try (Consumer consumer = group.consumer("drain")) {
        while (group.lag().stream().anyMatch(stats -> stats.unfinished() > 0)) {
          consumer.receive(500, Duration.ofMillis(100)).forEach(this::ack);
        }
      }
      for (GroupStats stats : group.lag()) {
        HistoryPipe pipe = pipes.get(CutTopic.named(stats.topic())).history();
        pipe.say("DRAINED", group.name(), Long.toString(stats.end()));
      }
    }
  }

  private void ack(Delivery delivery) {
    HistoryPipe pipe = pipes.get(CutTopic.named(delivery.topic())).history();
    Stamp stamp = Stamp.of(delivery.message().payload());
    pipe.got(delivery.group(), delivery.offset(), delivery.attempt(), stamp);
    pipe.settles("ACKING", delivery.group(), delivery.offset());
    if (delivery.ack() == Settled.DONE) {
      pipe.settles("ACKED", delivery.group(), delivery.offset());
    }
  }
}
