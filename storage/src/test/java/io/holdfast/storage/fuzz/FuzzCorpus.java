package io.holdfast.storage.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * The kept inputs of a target: those that once found something, and those that reach far. They
 * stand in {@code src/test/resources/fuzz}, in a file a target, one on each line in Base64, as
 * Jazzer prints what it finds.
 */
public final class FuzzCorpus {
  /** How a line ends that counts inputs. */
  static final String INPUTS = " inputs, 0 violations";

  private final Class<?> target;
  private final List<byte[]> inputs = new ArrayList<>();

  /**
   * Reads the corpus.
   *
   * @param target has a method {@code fuzzerTestOneInput(byte[])}
   */
  public FuzzCorpus(Class<?> target) {
    this.target = target;
    Path file =
        Path.of("src", "test", "resources", "fuzz", target.getSimpleName() + ".base64");
    inputs.add(new byte[0]);
    try {
      for (String line : Files.readAllLines(file)) {
        inputs.add(Base64.getDecoder().decode(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs all inputs.
   *
   * @return how many there are
   */
  public int replay() {
    for (byte[] input : inputs) {
      try {
        run(input);
      } catch (RuntimeException | AssertionError | OutOfMemoryError e) {
        throw new AssertionError(
            "%s, input %s: %s"
                .formatted(
                    target.getSimpleName(), Base64.getEncoder().encodeToString(input), e),
            e);
      }
    }
    return inputs.size();
  }

  private void run(byte[] input) {
    try {
      Method method = target.getMethod("fuzzerTestOneInput", byte[].class);
      method.invoke(null, (Object) input);
    } catch (InvocationTargetException e) {
      throw new AssertionError(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Puts each input into a file of its own, as Jazzer reads them.
   *
   * @param directory is there
   * @param before bytes that are put before each
   */
  void unpack(Path directory, byte... before) throws IOException {
    for (int i = 0; i < inputs.size(); i++) {
      byte[] input = Arrays.copyOf(before, before.length + inputs.get(i).length);
      System.arraycopy(inputs.get(i), 0, input, before.length, inputs.get(i).length);
      Files.write(directory.resolve(target.getSimpleName() + "-" + i), input);
    }
  }

  /**
   * Replays the corpora of targets, in a JVM with little memory.
   *
   * @param args names of their classes
   * @throws ClassNotFoundException when there is no such class
   */
  public static void main(String[] args) throws ClassNotFoundException {
    for (String name : args) {
      int inputs = new FuzzCorpus(Class.forName(name)).replay();
      System.out.println(name + ": " + inputs + INPUTS);
    }
  }
}
