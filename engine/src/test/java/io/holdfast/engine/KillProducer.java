package io.holdfast.engine;

import io.holdfast.storage.history.HistoryPipe;
import io.holdfast.storage.history.Stamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** One producer of a process that is killed, in one of the ways to send. */
final class KillProducer {
  private static final String[] NAMES = {"single", "batches", "async"};
  private static final int MOST_IN_BATCH = 20;
  private static final int LONGEST = 9_900; // so that one life fills several segments

  private final Topic topic;
  private final String name;
  private final int number;
  private final HistoryPipe pipe;
  private final KillRoom room;
  private final Random random;
  private long next;

  KillProducer(
      Topic topic, int generation, int index, HistoryPipe pipe, KillRoom room, long seed) {
    this.topic = topic;
    this.name = NAMES[index];
    this.number = generation * NAMES.length + index;
    this.pipe = pipe;
    this.room = room;
    this.random = new Random(seed);
    pipe.writer(number, name, generation);
  }

  private Producer open() {
    ProducerConfig config =
        ProducerConfig.builder(name).maxPendingMessages(100).maxBatchSize(30).build();
    return topic.producer(config);
  }

  /** The next message, when consumers are not too far behind. */
  private Message message() throws InterruptedException {
    Stamp stamp = new Stamp(number, next++);
    int most = !room.await() || random.nextInt(4) == 0 ? 500 : LONGEST;
    int length = Stamp.LEAST_LENGTH + random.nextInt(most - Stamp.LEAST_LENGTH);
    Message.Builder message = KillPlan.timed(Message.builder(stamp.bytes(length)), stamp);
    String key = KillPlan.key(stamp);
    return (key == null ? message : message.key(key)).build();
  }

  void sendOneByOne() throws InterruptedException {
    try (Producer producer = open()) {
      while (true) {
        Message message = message();
        pipe.sends(number, 1);
        pipe.confirmed(number, 1, producer.send(message).offset());
      }
    }
  }

  void sendBatches() throws InterruptedException {
    try (Producer producer = open()) {
      while (true) {
        List<Message> messages = new ArrayList<>();
        for (int i = random.nextInt(MOST_IN_BATCH); i >= 0; i--) {
          messages.add(message());
        }
        pipe.sends(number, messages.size());
        confirm(producer.sendAll(messages));
      }
    }
  }

  /** Where a batch was split, others may stand between its parts. */
  private void confirm(List<Receipt> receipts) {
    int from = 0;
    for (int i = 1; i <= receipts.size(); i++) {
      long first = receipts.get(from).offset();
      if (i == receipts.size() || receipts.get(i).offset() != first + i - from) {
        pipe.confirmed(number, i - from, first);
        from = i;
      }
    }
  }

  void sendAsync() throws InterruptedException {
    try (Producer producer = open()) {
      while (true) {
        Message message = message();
        pipe.sends(number, 1);
        producer.sendAsync(message, this::confirm);
      }
    }
  }

  private void confirm(Receipt receipt, Throwable error) {
    if (error == null) {
      pipe.confirmed(number, 1, receipt.offset());
    } else {
      pipe.error(error);
    }
  }
}
