package io.holdfast.tools;

import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** What all commands share: a terminal, {@code --help} and {@code --json}. */
public abstract class ToolCommand implements Callable<Integer> {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and end.")
  private boolean help;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  private Terminal terminal;

  /** Only the commands of this package and its demo are commands. */
  protected ToolCommand() {
    // Options are set by picocli, the terminal by the factory.
  }

  /**
   * Says where the command reads and prints; called once, before it is.
   *
   * @param given the terminal
   */
  public final void terminal(Terminal given) {
    terminal = given;
  }

  /**
   * Where the command reads and prints.
   *
   * @return set before it is called
   */
  protected final Terminal terminal() {
    return terminal;
  }

  /**
   * Whether {@code --json} was given.
   *
   * @return false for people's text
   */
  protected final boolean json() {
    return json;
  }

  /**
   * Prints one JSON object a line.
   *
   * @return on the command's output
   */
  protected final Json lines() {
    return new Json(terminal.out());
  }
}
