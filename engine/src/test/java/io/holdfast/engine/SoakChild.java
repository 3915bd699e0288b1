package io.holdfast.engine;

import io.holdfast.storage.file.JvmFlags;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The process that {@link SoakTest} watches. It is one of its own, whose heap is in memory whole
 * from the start: a collector that takes and gives back room would hide what else grows.
 */
final class SoakChild {
  private SoakChild() {}

  static Process start(Path directory, long seconds, long rate, long seed) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch"));
    command.addAll(List.of("-XX:-UsePerfData", "-cp", System.getProperty("java.class.path")));
    command.add(SoakChild.class.getName());
    command.add(directory.toString());
    for (long number : new long[] {seconds, rate, seed}) {
      command.add(Long.toString(number));
    }
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /**
   * The child's side: says what it did, and ends with 0 if nothing was lost and nothing grew.
   *
   * @param args the store's directory, seconds, messages a second, a seed
   */
  public static void main(String[] args) throws Exception {
    SoakPace pace = new SoakPace(Long.parseLong(args[2]));
    SoakRun run = new SoakRun(Path.of(args[0]), pace, Long.parseLong(args[3]));
    try {
      run.run(Long.parseLong(args[1]));
    } finally {
      System.out.println(run);
    }
  }
}
