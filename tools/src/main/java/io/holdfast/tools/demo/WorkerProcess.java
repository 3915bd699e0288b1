package io.holdfast.tools.demo;

import io.holdfast.storage.file.JvmFlags;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A worker in a JVM of its own, and what it tells. For one thread. */
final class WorkerProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader tale;
  private final Thread hook;
  private final Thread watchdog;

  private WorkerProcess(Process process, Duration limit) {
    this.process = process;
    this.tale =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    this.hook = new Thread(process::destroyForcibly, "demo-end");
    this.watchdog = new Thread(() -> watch(limit), "demo-watchdog");
    watchdog.setDaemon(true);
    Runtime.getRuntime().addShutdownHook(hook);
    watchdog.start();
  }

  /**
   * Starts one.
   *
   * @param main which worker
   * @param plan what it does
   * @param limit after which it is killed, for then it hangs
   */
  static WorkerProcess start(Class<?> main, DemoPlan plan, Duration limit) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xmx256m", "-XX:-UsePerfData"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(plan.arguments());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    return new WorkerProcess(builder.start(), limit);
  }

  private void watch(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next line; null once it has ended and everything it wrote was read. */
  String nextLine() throws IOException {
    return tale.readLine();
  }

  /**
   * Sends SIGKILL: nothing in it gets a chance to tidy up. Through the handle, because the process
   * would close the pipe as well, and with it what was written there before.
   */
  void kill() {
    process.toHandle().destroyForcibly();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    watchdog.interrupt();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      process.destroyForcibly(); // the JVM is ending, and the hook does the same
    }
  }
}
