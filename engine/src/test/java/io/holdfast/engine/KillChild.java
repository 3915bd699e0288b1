package io.holdfast.engine;

import io.holdfast.storage.Durability;
import io.holdfast.storage.file.JvmFlags;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The process that {@link KillTest} kills: it produces and consumes until then, and writes down
 * each confirmation once it has it. The lines go through a pipe, which outlives the process, one
 * write each.
 */
final class KillChild {
  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private KillChild() {}

  static Process start(Path store, Durability durability, int generation, long seed)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.addAll(List.of("-Xshare:auto", "-cp", System.getProperty("java.class.path")));
    command.add(KillChild.class.getName());
    command.addAll(List.of(store.toString(), durability.toString()));
    command.addAll(List.of(Integer.toString(generation), Long.toString(seed)));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  static TopicConfig topic(Durability durability) {
    return TopicConfig.builder()
        .durability(durability)
        .maxMessageSize(10_000)
        .segmentSize(1 << 20)
        .build();
  }

  static GroupConfig group() {
    return GroupConfig.builder()
        .unlimitedAttempts()
        .backoff(Backoff.fixed(Duration.ofMillis(20)))
        .maxInFlight(200)
        .build();
  }

  /**
   * The child's side.
   *
   * @param args store, durability, generation, seed
   */
  public static void main(String[] args) throws Exception {
    KillChild child = new KillChild();
    int generation = Integer.parseInt(args[2]);
    Random random = new Random(Long.parseLong(args[3]));
    try (Engine engine = Engine.open(Path.of(args[0]))) {
      Topic topic = engine.topic("t", topic(Durability.parse(args[1])));
      Group group = topic.group("g", group());
      child.say("READY");
      child.begin(() -> child.produce(topic, "sync", generation, random.nextLong()));
      child.begin(() -> child.produceAsync(topic, generation));
      child.begin(() -> child.consume(group, "c1", random.nextLong()));
      child.begin(() -> child.consume(group, "c2", random.nextLong()));
      System.in.read(); // until this process is killed
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private void begin(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (Throwable e) { // said aloud, so that the test fails with it
                say("FAILED " + e);
                failure.set(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private void produce(Topic topic, String name, int generation, long seed) {
    Random random = new Random(seed);
    try (Producer producer = topic.producer(ProducerConfig.named(name))) {
      for (int i = 0; failure.get() == null; i++) {
        String text = name + "-" + generation + "-" + i;
        Receipt receipt = producer.send(message(text, random.nextInt(3_000)));
        say("SENT " + receipt.offset() + " " + text);
      }
    }
  }

  private void produceAsync(Topic topic, int generation) {
    try (Producer producer = topic.producer(ProducerConfig.named("async"))) {
      for (int i = 0; failure.get() == null; i++) {
        String text = "async-" + generation + "-" + i;
        producer.sendAsync(
            message(text, 50),
            (receipt, error) ->
                say(error == null ? "SENT " + receipt.offset() + " " + text : "FAILED " + error));
      }
    }
  }

  static Message message(String text, int padding) {
    byte[] payload = (text + " " + "x".repeat(padding)).getBytes(StandardCharsets.US_ASCII);
    return Message.builder(payload).key(text.substring(0, 4)).header("text", text).build();
  }

  static String text(Delivery delivery) {
    String payload = new String(delivery.message().payload(), StandardCharsets.US_ASCII);
    return payload.substring(0, payload.indexOf(' '));
  }

  private void consume(Group group, String name, long seed) throws Exception {
    Random random = new Random(seed);
    try (Consumer consumer = group.consumer(name)) {
      while (failure.get() == null) {
        for (Delivery delivery : consumer.receive(1 + random.nextInt(20), Duration.ofSeconds(1))) {
          say("GOT " + delivery.offset() + " " + delivery.attempt() + " " + text(delivery));
          int choice = random.nextInt(10);
          if (choice == 0) {
            delivery.nack(new IllegalStateException("on purpose"));
          } else if (choice == 1) {
            delivery.release();
          } else if (choice > 2 && delivery.ack() == Settled.DONE) {
            say("ACKED " + delivery.offset());
          } // else it stays out until this process dies
        }
      }
    }
  }

  private void say(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.US_ASCII);
    synchronized (out) {
      try {
        out.write(bytes);
      } catch (IOException e) {
        failure.set(e); // the test that read the lines is gone
      }
    }
  }
}
