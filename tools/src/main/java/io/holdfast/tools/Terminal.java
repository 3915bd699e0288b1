package io.holdfast.tools;

import java.io.InputStream;
import java.io.PrintStream;
import java.time.InstantSource;

/**
 * Where a command reads, prints, and takes the time from.
 *
 * @param in its input
 * @param out what it was asked for
 * @param err progress and diagnostics
 * @param clock the time
 * @param colour whether escapes may be printed
 */
public record Terminal(
    InputStream in, PrintStream out, PrintStream err, InstantSource clock, boolean colour) {

  /**
   * One without colour, on the system's clock.
   *
   * @param in input
   * @param out output
   * @param err diagnostics
   * @return the terminal
   */
  public static Terminal plain(InputStream in, PrintStream out, PrintStream err) {
    return new Terminal(in, out, err, InstantSource.system(), false);
  }

  /** One that is coloured where a person looks and did not ask for {@code NO_COLOR}. */
  static Terminal ofProcess(InputStream in, PrintStream out, PrintStream err) {
    String noColour = System.getenv("NO_COLOR");
    String term = System.getenv("TERM");
    boolean person = System.console() != null;
    boolean colour =
        person && isTerminal() && (noColour == null || noColour.isEmpty()) && !"dumb".equals(term);
    return new Terminal(in, out, err, InstantSource.system(), colour);
  }

  /** From JDK 22 on a console is there even where nobody looks, and says so itself. */
  private static boolean isTerminal() {
    try {
      return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(System.console());
    } catch (NoSuchMethodException e) {
      return true; // before JDK 22 a console is a terminal
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /** Whether there is no sense in printing on; does not flush. */
  boolean cannotPrint() {
    return out instanceof Output output && output.hasFailed();
  }

  /** Whether the output failed because nobody reads it any more, as behind {@code | head}. */
  boolean readerIsGone() {
    return out instanceof Output output && output.readerIsGone();
  }

  /** Why the output failed, as far as that is known. */
  String failure() {
    return out instanceof Output output ? output.failure() : "the stream failed";
  }

  /**
   * Prints a line of diagnostics.
   *
   * @param line without its end
   */
  public void say(String line) {
    err.println(line);
    err.flush();
  }
}
