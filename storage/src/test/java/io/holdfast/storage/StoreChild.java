package io.holdfast.storage;

import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.StoreInUseException;
import io.holdfast.storage.file.JvmFlags;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A second process with a store, for tests of locks, limits and kills. */
final class StoreChild {
  static final int IN_USE = 7;
  static final int DISK_FULL = 8;

  private StoreChild() {}

  static Process open(Path directory) throws IOException {
    return new ProcessBuilder(command("open", directory)).inheritIO().start();
  }

  static Process hold(Path directory) throws IOException {
    return new ProcessBuilder(command("hold", directory)).start();
  }

  /** Appends until the disk is full, under a limit of the size of files. */
  static Process fill(Path directory, int limitKiB) throws IOException {
    List<String> command = new ArrayList<>();
    command.add("bash");
    command.add("-c");
    command.add("ulimit -f " + limitKiB + "; exec \"$@\"");
    command.add("fill");
    command.addAll(command("fill", directory));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static List<String> command(String verb, Path directory) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.add("-cp");
    command.add(System.getProperty("java.class.path").replace(":", File.pathSeparator));
    command.add(StoreChild.class.getName());
    command.add(verb);
    command.add(directory.toString());
    return command;
  }

  /**
   * The child's side.
   *
   * @param args what to do, where
   */
  public static void main(String[] args) throws IOException {
    int exitCode = 0;
    try (Store store = LogFixture.open(Path.of(args[1]))) {
      if (args[0].equals("hold")) {
        System.out.write('h');
        System.out.flush();
        System.in.read();
      } else if (args[0].equals("fill")) {
        exitCode = fill(store);
      }
    } catch (StoreInUseException e) {
      exitCode = IN_USE;
    }
    System.exit(exitCode);
  }

  private static int fill(Store store) {
    TopicLog log =
        store.createTopic(
            "t",
            new TopicSettings(
                Durability.powerLoss(), 8 << 20, 100_000, new java.util.TreeMap<>()));
    try {
      while (true) {
        LogFixture.append(log, 10, 10_000);
      }
    } catch (DiskFullException e) {
      System.out.println("confirmed " + log.durableOffset());
      System.out.println(e.getMessage());
      return DISK_FULL;
    }
  }
}
