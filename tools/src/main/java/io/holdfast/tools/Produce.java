package io.holdfast.tools;

import io.holdfast.engine.Engine;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Receipt;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.Durability;
import io.holdfast.storage.error.HoldfastException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast produce}: lines of its input become messages. */
@Command(
    name = "produce",
    description = {
      "Send each line of the input as a message; a line that is empty is an empty message.",
      "Makes the store and the topic where there are none, and says so.",
      "Ends when every message is confirmed, with 1 when one was not.",
      "With --producer and --sequence-from-line the same input may be sent again: each line is",
      "taken once, by its number. Then it ends at the first line that fails.",
    },
    footer = {
      "",
      "Examples:",
      "  seq 1 100000 | holdfast produce data numbers",
      "  holdfast produce data orders --key-field customer.id < orders.ndjson",
      "  date | holdfast produce data log --header host=a1 --durability processCrash",
      "  holdfast produce data orders --producer import-7 --sequence-from-line < orders.ndjson",
    })
final class Produce extends ToolCommand {
  /** A read of the input cannot be interrupted, so the end does not wait for it for long. */
  private static final Duration GRACE = Duration.ofMillis(500);

  /**
   * Numbered lines that wait for their confirmation: fewer than a topic knows one by one, so that a
   * line that fails is known to be missing when all of it is sent again.
   */
  private static final int PENDING_NUMBERED = 1_000;

  /** What waits for its confirmation; a heap of 64 MB has room for it several times. */
  private static final int PENDING_BYTES = 8 << 20;

  @Parameters(index = "0", paramLabel = "<dir>", description = "The directory of the store.")
  private Path directory;

  @Parameters(index = "1", paramLabel = "<topic>", description = "The topic.")
  private String topicName;

  @Option(
      names = "--key-field",
      paramLabel = "F",
      description = "Lines are JSON, and the key is in this field; a.b is field b of field a.")
  private KeyField keyField;

  @Option(
      names = "--header",
      paramLabel = "K=V",
      description = "A header of every message; may be given more than once.")
  private Map<String, String> headers = new LinkedHashMap<>();

  @Option(
      names = "--durability",
      paramLabel = "LEVEL",
      description = "What a confirmation survives: powerLoss (unless given) or processCrash.")
  private Durability durability;

  @Option(
      names = "--producer",
      paramLabel = "NAME",
      defaultValue = "holdfast-produce",
      description = "The name of the producer: ${DEFAULT-VALUE} unless given.")
  private String producerName;

  @Option(
      names = "--sequence-from-line",
      description = {
        "Number the messages by their lines, from 1: a line that the topic has taken from this",
        "producer is not taken again, whatever it says now.",
      })
  private boolean isNumbered;

  @Override
  public Integer call() throws IOException {
    Topic.checkName(topicName); // before the opening, which makes the store
    boolean isNew = !Files.exists(directory.resolve("store.ctl"));
    Confirmations confirmations = new Confirmations();
    long begin = System.nanoTime();
    try (Interruption interruption = Interruption.ofThisThread(GRACE);
        Engine engine = Engine.open(directory)) {
      if (isNew) {
        terminal().say("made the store " + directory);
      }
      Topic topic = topic(engine);
      try (Producer producer = topic.producer(config(topic))) {
        send(interruption, producer, topic.config().maxMessageSize(), confirmations);
      }
      confirmations.await();
    }
    report(confirmations, (System.nanoTime() - begin) / 1e9);
    return confirmations.failed() == 0 ? ExitCode.FINE : ExitCode.PROBLEM;
  }

  /** Lines come in their order, so that a number below those that are known was taken. */
  private ProducerConfig config(Topic topic) {
    int room = Math.max(PENDING_BYTES, topic.config().maxMessageSize());
    ProducerConfig.Builder config = ProducerConfig.builder(producerName).maxPendingBytes(room);
    return isNumbered
        ? config.ascending().maxPendingMessages(PENDING_NUMBERED).build()
        : config.build();
  }

  private Topic topic(Engine engine) {
    if (engine.topics().contains(topicName)) {
      Topic topic = engine.topic(topicName);
      if (durability != null && topic.config().durability() != durability) {
        throw new HoldfastException(
            "topic '%s': expected the durability %s, found %s; a topic keeps what it was made with"
                .formatted(topicName, durability, topic.config().durability()));
      }
      return topic;
    }
    TopicConfig.Builder config = TopicConfig.builder();
    Optional.ofNullable(durability).ifPresent(config::durability);
    Topic topic = engine.topic(topicName, config.build());
    terminal().say("made the topic %s (%s)".formatted(topicName, topic.config().durability()));
    return topic;
  }

  private void send(
      Interruption interruption, Producer producer, int limit, Confirmations confirmations)
      throws IOException {
    LineReader lines = new LineReader(terminal().in(), limit);
    while (!interruption.requested() && mayGoOn(confirmations) && lines.next()) {
      long number = confirmations.begin();
      if (lines.length() > limit) {
        confirmations.fail(
            number,
            "it has %d bytes, the limit of the topic is %d".formatted(lines.length(), limit));
        continue;
      }
      try {
        Message message = message(number, lines.bytes(), confirmations);
        producer.sendAsync(
            message,
            (receipt, error) -> {
              if (error == null) {
                confirm(confirmations, receipt);
              } else {
                confirmations.fail(number, error.getMessage());
              }
            });
      } catch (HoldfastException e) {
        confirmations.fail(number, e.getMessage());
        if (ExitCode.of(e) != ExitCode.PROBLEM) {
          throw e;
        }
      }
    }
  }

  /** With numbers nothing is sent behind a line that has failed. */
  private boolean mayGoOn(Confirmations confirmations) {
    return !isNumbered || confirmations.failed() == 0;
  }

  private static void confirm(Confirmations confirmations, Receipt receipt) {
    if (receipt.isDuplicate()) {
      confirmations.duplicate();
    } else {
      confirmations.confirm(receipt.offset());
    }
  }

  private Message message(long number, byte[] payload, Confirmations confirmations) {
    Message.Builder message = Message.builder(payload).headers(headers);
    if (isNumbered) {
      message.sequence(number);
    }
    if (keyField != null) {
      Optional<String> key = keyField.of(payload);
      key.ifPresentOrElse(message::key, confirmations::withoutKey);
    }
    return message.build();
  }

  private void report(Confirmations c, double seconds) {
    if (c.firstFailure().isPresent()) {
      terminal()
          .say(
              "holdfast: %s failed; the first was line %s"
                  .formatted(
                      Text.count(c.failed(), "message"), Text.safe(c.firstFailure().get())));
    }
    if (json()) {
      lines()
          .line(
              j -> {
                j.writeStringField("topic", topicName);
                j.writeNumberField("confirmed", c.confirmed());
                j.writeNumberField("failed", c.failed());
                if (isNumbered) {
                  j.writeNumberField("duplicates", c.duplicates());
                }
                j.writeNumberField("withoutKey", c.keyless());
                if (c.confirmed() > 0) {
                  j.writeNumberField("firstOffset", c.firstOffset());
                  j.writeNumberField("lastOffset", c.lastOffset());
                }
                j.writeNumberField("seconds", seconds);
              });
      return;
    }
    String line =
        c.confirmed() == 0
            ? c.duplicates() == 0 ? "nothing was sent" : "nothing was added"
            : "%s confirmed, offsets %d to %d, in %s s (%s a second)"
                .formatted(
                    Text.count(c.confirmed(), "message"),
                    c.firstOffset(),
                    c.lastOffset(),
                    String.format(Locale.ROOT, "%.2f", seconds),
                    Text.count(Math.round(c.confirmed() / seconds)));
    if (c.duplicates() > 0) {
      line += "; the topic had %s before".formatted(Text.count(c.duplicates(), "message"));
    }
    terminal().say(line + (c.keyless() > 0 ? ", " + Text.count(c.keyless()) + " without key" : ""));
  }
}
