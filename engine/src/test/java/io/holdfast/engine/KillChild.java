package io.holdfast.engine;

import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.WatchedFileSystem;
import io.holdfast.storage.file.JvmFlags;
import io.holdfast.storage.history.HistoryPipe;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The process that {@link KillTest} kills, or that ends itself before a chosen call: it produces,
 * consumes, rolls, retains and recycles until then, and says so in lines, which outlive it.
 */
final class KillChild {
  /** Said before the store is opened. */
  static final String OPENING = "OPENING";
  /** Said when everything is about to begin. */
  static final String READY = "READY";
  /** Said before the process ends itself at a call. */
  static final String CUT = "CUT";
  /** Said when the file of a dropped segment is used again. */
  static final String RECYCLED = "RECYCLED";
  /** How a process ends that was killed; this is how it looks from outside. */
  static final int KILLED = 128 + 9;

  private final KillPlan plan;
  private final HistoryPipe pipe;
  private final AtomicLong callsLeft;
  private final Random random;
  private volatile boolean works; // set once when the store is open

  private KillChild(KillPlan plan, HistoryPipe pipe) {
    this.plan = plan;
    this.pipe = pipe;
    this.callsLeft = new AtomicLong(plan.nth());
    this.random = new Random(plan.seed());
  }

  static Process start(KillPlan plan) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.addAll(List.of("-Xshare:auto", "-cp", System.getProperty("java.class.path")));
    command.add(KillChild.class.getName());
    command.addAll(plan.arguments());
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /**
   * The child's side.
   *
   * @param args see {@link KillPlan#arguments}
   */
  public static void main(String[] args) throws Exception {
    HistoryPipe pipe = new HistoryPipe(new FileOutputStream(FileDescriptor.out));
    try {
      new KillChild(KillPlan.of(args), pipe).live();
    } catch (Throwable e) { // said aloud, so that the test fails with it
      pipe.error(e);
      throw e;
    }
  }

  private void live() throws IOException {
    pipe.say(OPENING);
    Path directory = new WatchedFileSystem(this::before).path(plan.store());
    try (Engine engine = Engine.open(directory)) {
      Topic topic = engine.topic(KillPlan.TOPIC, plan.topic());
      Group stubborn = topic.group(KillPlan.STUBBORN, KillPlan.stubborn());
      Group strict = topic.group(KillPlan.STRICT, KillPlan.strict());
      Group ordered = topic.group(KillPlan.ORDERED, KillPlan.ordered());
      List<Group> groups = List.of(stubborn, strict, ordered);
      KillRoom room = new KillRoom(groups);
      boolean leaves = random.nextInt(3) == 0;
      pipe.say(READY);
      works = true;
      begin(() -> producer(topic, 0, room).sendOneByOne());
      begin(() -> producer(topic, 1, room).sendBatches());
      begin(() -> producer(topic, 2, room).sendAsync());
      begin(() -> new KillOnce(engine, plan.durability(), pipe, plan.seed()).send());
      begin(() -> consumer(strict, 1, leaves));
      begin(() -> consumer(stubborn, 2, leaves));
      begin(() -> consumer(stubborn, 3, leaves));
      begin(() -> consumer(ordered, 4, false));
      begin(() -> consumer(ordered, 5, false));
      System.in.read(); // until this process is killed
    }
  }

  private KillProducer producer(Topic topic, int index, KillRoom room) {
    return new KillProducer(topic, plan.generation(), index, pipe, room, plan.seed() + index);
  }

  private void consumer(Group group, int index, boolean leaves) {
    long seed = plan.seed() - index;
    new KillConsumer(group, pipe, leaves, seed).consume("c" + index);
  }

  private void before(Call call) {
    if (call.kind() == Call.Kind.RENAME && call.path().toString().contains("/recycled-")) {
      pipe.say(RECYCLED);
    }
    boolean chosen = call.kind() == plan.kind() && call.path().toString().contains(plan.where());
    boolean counts = chosen && (works || !plan.atWork());
    if (counts && callsLeft.decrementAndGet() == 0) {
      pipe.say(CUT, call.kind().name() + plan.where(), works ? "at work" : "in an opening");
      Runtime.getRuntime().halt(KILLED);
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
                pipe.error(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
  }
}
