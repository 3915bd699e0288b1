package io.holdfast.engine;

import io.holdfast.storage.file.JvmFlags;
import io.holdfast.storage.history.Stamp;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The process whose power {@link KernelCutTest} cuts. It opens the store, says all that is there,
 * then produces, consumes and drops until its end, and says each thing that it was told.
 */
final class CutChild {
  /** The number of the life that consumes everything that is left, and closes. */
  static final int DRAIN = -1;

  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Map<CutTopic, CutPipe> pipes = new EnumMap<>(CutTopic.class);
  private final Engine engine;

  private CutChild(Engine engine) {
    this.engine = engine;
    for (CutTopic topic : CutTopic.values()) {
      pipes.put(topic, new CutPipe(topic, out));
    }
  }

  /**
   * Starts one.
   *
   * @param store its directory
   * @param generation from 0, or {@link #DRAIN}
   * @param calm whether it makes topics and does nothing else
   * @param seed of what it does
   * @param letters offset from which the dead letters have not been read yet
   */
  static Process start(Path store, int generation, boolean calm, long seed, long letters)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xmx96m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.addAll(List.of("-XX:+UseSerialGC", "-Xshare:auto"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(CutChild.class.getName(), store.toString()));
    command.addAll(List.of("" + generation, "" + calm, "" + seed, "" + letters));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /**
   * The child's side.
   *
   * @param args store, generation, whether calm, seed, first letter
   */
  public static void main(String[] args) throws Exception {
    int generation = Integer.parseInt(args[1]);
    Random random = new Random(Long.parseLong(args[3]));
    try (Engine engine = Engine.open(Path.of(args[0]))) {
      CutChild child = new CutChild(engine);
      child.sayWhatIsThere("OPENED", Long.parseLong(args[4]));
      CutTopicMaker maker = new CutTopicMaker(engine, child::say);
      maker.sayWhatIsThere();
      Group patient = CutTopic.group(engine, CutTopic.PATIENT);
      Group strict = CutTopic.group(engine, CutTopic.STRICT);
      if (generation == DRAIN) {
        new CutDrain(child.pipes).drain(patient, strict);
        child.sayWhatIsThere("AGAIN", 0);
        child.say("READY");
      } else {
        child.say("READY");
        if (Boolean.parseBoolean(args[2])) {
          maker.make(generation);
        } else {
          child.begin(() -> maker.make(generation));
          child.work(generation, patient, strict, random);
        }
        System.in.read(); // until this process is killed
      }
    } catch (RuntimeException | Error e) {
      new FileOutputStream(FileDescriptor.out).write(errorLine(e));
      throw e;
    }
  }

  private void work(int generation, Group patient, Group strict, Random random) {
    int writer = generation * CutProducers.WRITERS;
    for (CutTopic topic : CutTopic.values()) {
      CutProducers producers =
          new CutProducers(topic.in(engine), pipes.get(topic), generation, failure);
      producers.addWork(writer + topic.ordinal() * 3, random, this::begin);
      CutDrops drops = new CutDrops(topic.in(engine), pipes.get(topic), patient, strict);
      begin(() -> drops.run(failure));
    }
    for (Group group : List.of(patient, strict)) {
      CutConsumer consumer = new CutConsumer(pipes, group, random.nextLong());
      begin(() -> consumer.run(failure));
    }
  }

  /** Something that a thread does until it fails. */
  interface Work {
    void run() throws Exception;
  }

  private void begin(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (Throwable e) { // said aloud, so that the test fails with it
                failure.compareAndSet(null, e);
                say(new String(errorLine(e), StandardCharsets.US_ASCII).strip());
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private void sayWhatIsThere(String word, long letters) {
    for (CutTopic each : CutTopic.values()) {
      Topic topic = each.in(engine);
      CutPipe pipe = pipes.get(each);
      pipe.say(word, topic.firstOffset(), topic.endOffset(), topic.log().durableOffset());
      try (Reader reader = topic.reader(StartAt.earliest())) {
        MessageHandler say = view -> pipe.read(view.offset(), stamp(view));
        while (reader.poll(say, 1_000) > 0) {
          // until nothing more is visible
        }
      }
      pipe.say("READALL");
      if (each.forces()) {
        sayLetters(each, pipe, letters);
      }
    }
  }

  private void sayLetters(CutTopic of, CutPipe pipe, long from) {
    if (!engine.topics().contains(of.letters())) {
      pipe.say("LETTERS", 0);
      return;
    }
    Topic letters = engine.topic(of.letters());
    try (Reader reader = letters.reader(StartAt.offset(from))) {
      MessageHandler say =
          view ->
              pipe.letter(
                  view.offset(),
                  Long.parseLong(view.header("dlq.offset").orElseThrow()),
                  Long.parseLong(view.header("dlq.attempts").orElseThrow()),
                  stamp(view));
      while (reader.poll(say, 1_000) > 0) {
        // until nothing more is visible
      }
    }
    pipe.say("LETTERS", letters.endOffset());
  }

  private static Stamp stamp(MessageView view) {
    return Stamp.of(view.array(), view.payloadOffset(), view.payloadLength());
  }

  private void say(String line) {
    synchronized (out) {
      try {
        out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        failure.compareAndSet(null, e); // the test that read the lines is gone
      }
    }
  }

  private static byte[] errorLine(Throwable e) {
    return ("ERROR " + e.toString().replace('\n', ' ') + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
