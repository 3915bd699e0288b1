package io.holdfast.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.holdfast.engine.transaction.TransactionStep;
import io.holdfast.storage.Durability;
import io.holdfast.storage.file.JvmFlags;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * The process that {@link PipelineKillTest} kills, or that ends itself at a step of a commit: three
 * stages, each of which consumes, produces and acks in one transaction, by handlers and by pulling.
 */
final class PipelineChild {
  /** Said before the store is opened. */
  static final String OPENING = "OPENING";
  /** Said when everything is about to begin. */
  static final String READY = "READY";

  static final String IN = "in";
  static final String OUT = "out";

  private static final List<String> TOPICS = List.of(IN, "halves", "kept", OUT);
  private static final int MOST_BEHIND = 300; // messages that the first stage has before it

  private PipelineChild() {}

  /** Has the process end itself at a step of a commit; at none where {@code steps} is 0. */
  static Process start(Path store, long steps) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.addAll(List.of("-Xshare:auto", "-cp", System.getProperty("java.class.path")));
    command.addAll(
        List.of(PipelineChild.class.getName(), store.toString(), Long.toString(steps)));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /**
   * The child's side.
   *
   * @param args store, steps
   */
  public static void main(String[] args) throws IOException {
    AtomicLong left = new AtomicLong(Long.parseLong(args[1]));
    System.out.println(OPENING);
    try (Engine engine = open(Path.of(args[0]))) {
      EngineInside.transactionSteps(engine, step -> step(step, left));
      System.out.println(READY);
      List<Subscription> running = begin(engine);
      Thread producer = new Thread(() -> produce(engine));
      producer.setDaemon(true);
      producer.start();
      System.in.read(); // until this process is killed
      running.forEach(Subscription::close);
    }
  }

  private static void step(TransactionStep step, AtomicLong left) {
    if (left.decrementAndGet() == 0) {
      System.out.println(step);
      Runtime.getRuntime().halt(KillChild.KILLED);
    }
  }

  static Engine open(Path store) {
    Engine engine =
        Engine.open(store, EngineConfig.defaults().withMaxTransactionBytes(1 << 16));
    for (int i = 0; i < TOPICS.size(); i++) {
      Durability durability = i % 2 == 0 ? Durability.powerLoss() : Durability.processCrash();
      engine.topic(TOPICS.get(i), TestStores.small().durability(durability).build());
    }
    return engine;
  }

  private static Group group(Engine engine, int stage) {
    GroupConfig config =
        GroupConfig.builder()
            .unlimitedAttempts()
            .ackTimeout(Duration.ofHours(1)) // only a death takes a delivery away
            .build();
    return engine.topic(TOPICS.get(stage)).group("stage-" + stage, config);
  }

  /** Begins the stages: two are handlers, one pulls. */
  static List<Subscription> begin(Engine engine) {
    Group second = group(engine, 1);
    Thread pulls = new Thread(() -> pull(second));
    pulls.setDaemon(true);
    pulls.start();
    return List.of(
        group(engine, 0).process(PipelineChild::halve, SubscribeConfig.concurrency(2)),
        group(engine, 2).process(PipelineChild::end, SubscribeConfig.concurrency(2)));
  }

  private static void pull(Group group) {
    try (Consumer consumer = group.consumer("pulls")) {
      while (true) {
        consumer.process(7, Duration.ofMinutes(1), PipelineChild::keep);
      }
    } catch (io.holdfast.engine.error.AlreadyClosedException e) {
      return; // the engine is closed
    }
  }

  private static List<Output> halve(Delivery delivery) {
    String text = text(delivery);
    return Stream.of("a", "b").map(half -> output("halves", text + half)).toList();
  }

  private static List<Output> keep(Delivery delivery) {
    return List.of(output("kept", text(delivery)));
  }

  private static List<Output> end(Delivery delivery) {
    return List.of(output(OUT, text(delivery)));
  }

  private static Output output(String topic, String text) {
    return Output.to(topic, Message.of(text.getBytes(UTF_8)));
  }

  private static String text(Delivery delivery) {
    return new String(delivery.message().payload(), UTF_8);
  }

  /** Each message says its own offset, so none is sent twice. */
  private static void produce(Engine engine) {
    Topic in = engine.topic(IN);
    Group first = group(engine, 0);
    try (Producer producer = in.producer(ProducerConfig.named("p"))) {
      while (true) {
        if (first.lag().get(0).unfinished() < MOST_BEHIND) {
          producer.send(Message.of(Long.toString(in.endOffset()).getBytes(UTF_8)));
        } else {
          Thread.onSpinWait();
        }
      }
    } catch (io.holdfast.storage.error.HoldfastException e) {
      return; // the engine is closed
    }
  }
}
