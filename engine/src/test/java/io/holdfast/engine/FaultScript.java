package io.holdfast.engine;

import io.holdfast.engine.error.SendOutcomeUnknownException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StorePoisonedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A short life of an engine with everything in it, on a file system that may fail at any call:
 * sends alone, in batches and in the background, deliveries, every settling, dead letters, rolls,
 * drops, recycled files. What fails must say so with an error of ours; the script then goes on.
 */
final class FaultScript {
  static final int MAX_ATTEMPTS = 2;
  static final String GROUP = "g";
  private static final int PASSES = 300; // of 2 seconds by the clock of the test
  private static final long PASS_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int SMALL = 300;
  private static final int LARGE = 60_000;

  private final FaultLedger forced = new FaultLedger("t", true);
  private final FaultLedger cached = new FaultLedger("c", false);
  private final FaultLedger dropped = new FaultLedger("d", true);
  private final List<String> violations = new ArrayList<>();
  private final TestClock clock = new TestClock();
  private final Path store;
  private final Random random;
  private Engine engine; // null while none is open
  private final Set<String> errorTypes = new TreeSet<>();
  private int errors;
  private Throwable last; // error

  FaultScript(Path store, long seed) {
    this.store = store;
    this.random = new Random(seed);
  }

  List<FaultLedger> ledgers() {
    return List.of(forced, cached, dropped);
  }

  /** What the engine did that it must not do. */
  List<String> violations() {
    return violations;
  }

  /** Calls that were answered with an error. */
  int errors() {
    return errors;
  }

  /** Which errors those were. */
  Set<String> errorTypes() {
    return errorTypes;
  }

  static TopicConfig topic(boolean powerLoss) {
    return TopicConfig.builder()
        .durability(powerLoss ? Durability.powerLoss() : Durability.processCrash())
        .segmentSize(1 << 20)
        .retention(Retention.forever()) // it drops by hand, and says so
        .maxMessageSize(100_000)
        .build();
  }

  static GroupConfig group() {
    return GroupConfig.builder()
        .ackTimeout(Duration.ofHours(1))
        .backoff(Backoff.fixed(Duration.ofMillis(100)))
        .maxAttempts(MAX_ATTEMPTS)
        .build();
  }

  static Message message(String text, int size) {
    return Message.builder(new byte[size]).header("text", text).build();
  }

  /** Opens the store and works a while; {@link #close} ends it. */
  boolean open() {
    engine = tried("open", () -> Engine.open(store, EngineConfig.defaults().withClock(clock)));
    return engine != null;
  }

  void work() {
    sendAll(forced, 5, SMALL);
    send(cached, 3, SMALL);
    sendAsync(cached, 4);
    receive(6);
    fillAndDrop();
    send(forced, 6, LARGE);
    pass();
    receive(8);
    sendAll(cached, 3, LARGE);
    send(forced, 2, SMALL);
    pass();
    receive(8);
  }

  void close() {
    tried(
        "close",
        () -> {
          engine.close();
          return engine;
        });
    engine = null;
  }

  /** Whether the store can no longer be used. */
  boolean isPoisoned() {
    try {
      engine.log("t");
      return false;
    } catch (StorePoisonedException e) {
      return true;
    } catch (HoldfastException e) {
      return false; // it was never made
    }
  }

  /**
   * Without a fault, and where it was not poisoned, everything must go on by itself.
   *
   * @param disturbed whether there has been a fault meanwhile
   */
  void goOn(BooleanSupplier disturbed) {
    if (isPoisoned()) {
      return;
    }
    int before = errors;
    pass();
    pass();
    send(forced, 2, LARGE);
    sendAsync(cached, 2);
    receive(50);
    pass();
    receive(50);
    pass();
    awaitLetters(before, disturbed);
    if (isPoisoned() || disturbed.getAsBoolean()) {
      return; // by what had failed before
    }
    if (errors == before && areDying()) {
      violations.add("dead letters do not go on");
    }
    if (errors > before) {
      violations.add("it does not go on by itself once nothing fails: " + last);
    }
  }

  /** Another thread may be at a letter, or have been when the fault ended. */
  private void awaitLetters(int before, BooleanSupplier disturbed) {
    long begun = System.nanoTime();
    for (int i = 1; areDying() && errors == before && i <= PASSES; ) {
      if (disturbed.getAsBoolean()) {
        return;
      }
      if (System.nanoTime() - begun > i * PASS_NANOS) {
        pass();
        i++;
      }
      Thread.onSpinWait();
    }
  }

  private boolean areDying() {
    List<GroupStats> lag = tried("lag", () -> engine.group(GROUP).lag());
    return lag != null && lag.stream().anyMatch(stats -> stats.dying() > 0);
  }

  private void pass() {
    clock.advance(Duration.ofSeconds(2));
    tried(
        "tick",
        () -> {
          engine.tick();
          return engine;
        });
  }

  private Topic topic(FaultLedger ledger) {
    return engine.topic(ledger.topic(), topic(ledger.powerLoss()));
  }

  private Producer producer(FaultLedger ledger) {
    return topic(ledger).producer(ProducerConfig.named("p"));
  }

  private void send(FaultLedger ledger, int count, int size) {
    for (int i = 0; i < count; i++) {
      String text = ledger.next();
      sent(
          ledger,
          List.of(text),
          () -> {
            try (Producer producer = producer(ledger)) {
              return List.of(producer.send(message(text, size)));
            }
          });
    }
  }

  private void sendAll(FaultLedger ledger, int count, int size) {
    List<String> texts = new ArrayList<>();
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(ledger.next());
      messages.add(message(texts.get(i), size));
    }
    sent(
        ledger,
        texts,
        () -> {
          try (Producer producer = producer(ledger)) {
            return producer.sendAll(messages);
          }
        });
  }

  private void sendAsync(FaultLedger ledger, int count) {
    List<String> texts = new ArrayList<>();
    List<CompletableFuture<Receipt>> futures = new ArrayList<>();
    Producer producer = tried("producer", () -> producer(ledger));
    if (producer == null) {
      return;
    }
    try (producer) {
      for (int i = 0; i < count; i++) {
        texts.add(ledger.next());
        futures.add(producer.sendAsync(message(texts.get(i), SMALL)));
      }
      for (int i = 0; i < count; i++) {
        CompletableFuture<Receipt> future = futures.get(i);
        sent(ledger, List.of(texts.get(i)), () -> List.of(future.join()));
      }
    }
  }

  /** Notes what became of messages. */
  private void sent(FaultLedger ledger, List<String> texts, Supplier<List<Receipt>> work) {
    try {
      List<Receipt> receipts = work.get();
      for (int i = 0; i < texts.size(); i++) {
        ledger.confirmed(texts.get(i), receipts.get(i).offset());
      }
    } catch (RuntimeException | Error e) {
      Throwable error = e instanceof CompletionException ? e.getCause() : e;
      failed("send to " + ledger.topic(), error);
      if (!(error instanceof SendOutcomeUnknownException)) {
        texts.forEach(text -> ledger.refused(text, error));
      }
    }
  }

  private void receive(int max) {
    tried(
        "receive",
        () -> {
          topic(forced).group(GROUP, group());
          topic(cached).group(GROUP, group());
          return engine;
        });
    Consumer consumer = tried("consumer", () -> engine.group(GROUP).consumer("c"));
    if (consumer != null) { // left open: what is not settled is out until the engine closes
      List<Delivery> got = tried("receive", () -> consumer.receive(max, Duration.ZERO));
      if (got != null) {
        got.forEach(this::settle);
      }
    }
  }

  private void settle(Delivery delivery) {
    FaultLedger ledger = delivery.topic().equals("t") ? forced : cached;
    long offset = delivery.offset();
    String text = delivery.message().header("text").orElse("no text");
    String wrong = ledger.delivered(offset, delivery.attempt(), text);
    if (!wrong.isEmpty()) {
      violations.add(wrong);
    }
    int choice = random.nextInt(10);
    if (choice < 4) {
      ledger.acking(offset);
      if (isDone("ack", delivery::ack)) {
        ledger.acked(offset);
      }
    } else if (choice < 9) {
      boolean last = choice == 8;
      ledger.failing(offset, last);
      Supplier<Settled> fail =
          last ? () -> delivery.reject("no") : () -> delivery.nack(new RuntimeException("no"));
      if (isDone("nack", fail)) {
        ledger.failed(offset, last);
      }
    } // else it stays out
  }

  /** Settling needs no room and no device; what has failed for ever may say so. */
  private boolean isDone(String what, Supplier<Settled> settling) {
    Settled answer = tried(what, settling);
    if (answer != Settled.DONE && !isPoisoned()) {
      violations.add(what + " was answered with " + answer);
    }
    return answer == Settled.DONE;
  }

  private void fillAndDrop() {
    send(dropped, 22, LARGE);
    tried(
        "drop",
        () -> {
          TopicLog log = engine.log(dropped.topic());
          dropped.dropping(log.endOffset());
          return log.dropBefore(log.endOffset());
        });
  }

  private <T> T tried(String what, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException | Error e) {
      failed(what, e);
      return null;
    }
  }

  private void failed(String what, Throwable error) {
    errors++;
    errorTypes.add(error.getClass().getSimpleName());
    last = error;
    String message = String.valueOf(error.getMessage());
    boolean tells = message.length() > 30 && (message.contains("store") || message.contains(" "));
    if (!(error instanceof HoldfastException) || !tells) {
      violations.add(what + " has thrown " + error + " at " + List.of(error.getStackTrace()));
    }
  }
}
