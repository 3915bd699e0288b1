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

  private StoreChild() {}

  static Process open(Path directory) throws IOException {
    return new ProcessBuilder(command("open", directory)).inheritIO().start();
  }

  static Process hold(Path directory) throws IOException {
    return new ProcessBuilder(command("hold", directory)).start();
  }

  /** Has a disk that becomes full and has room again: a limit on the size of its files. */
  static Process fill(Path directory) throws IOException {
    return new ProcessBuilder(command("fill", directory)).redirectErrorStream(true).start();
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
        fill(store);
      }
    } catch (StoreInUseException e) {
      exitCode = IN_USE;
    }
    System.exit(exitCode);
  }

  private static void fill(Store store) throws IOException {
    TopicSettings settings =
        new TopicSettings(Durability.powerLoss(), 8 << 20, 100_000, new java.util.TreeMap<>());
    TopicLog log = store.createTopic("t", settings);
    LogFixture.append(log, 1_000, 10_000);
    limitFiles("20000");
    appendUntilFull(log);
    long confirmed = log.durableOffset();
    appendUntilFull(log);
    System.out.println("confirmed " + confirmed + ", later " + log.durableOffset());
    RecordBatch letter = log.newBatch();
    letter.add(new byte[0], 0, LogFixture.message(confirmed, 10_000), 0, 10_000);
    log.appendReserved(letter);
    log.force(log.endOffset());
    System.out.println("reserved " + letter.firstOffset());
    limitFiles("unlimited");
    LogFixture.append(log, 1_000, 10_000);
    System.out.println("went on to " + log.durableOffset());
  }

  private static void appendUntilFull(TopicLog log) {
    try {
      while (true) {
        LogFixture.append(log, 1, 10_000);
      }
    } catch (DiskFullException e) {
      System.out.println(e.getMessage());
    }
  }

  private static void limitFiles(String bytes) throws IOException {
    Process limit =
        new ProcessBuilder(
                "prlimit", "--pid", "" + ProcessHandle.current().pid(), "--fsize=" + bytes + ":")
            .inheritIO()
            .start();
    try {
      if (limit.waitFor() != 0) {
        throw new IOException("prlimit ended with " + limit.exitValue());
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
