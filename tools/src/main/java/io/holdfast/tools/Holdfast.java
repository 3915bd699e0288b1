package io.holdfast.tools;

import io.holdfast.storage.Durability;
import io.holdfast.tools.demo.Demo;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line of Holdfast: a verb, then what it is done to. */
@Command(
    name = "holdfast",
    description = "A durable queue engine that runs inside a Java process.",
    subcommands = {
      Demo.class,
      Produce.class,
      Consume.class,
      Info.class,
      Dump.class,
      Verify.class,
      Repair.class,
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Exit codes: 0 fine, 1 a problem in the data or a check failed, 2 usage, 3 cannot open,",
      "130 interrupted. 'holdfast COMMAND --help' has examples.",
    })
public final class Holdfast {
  private static final int HELP_COLUMNS = 100;

  /** Makes the command; picocli and tests do. */
  public Holdfast() {
    // Its work is that of its subcommands.
  }

  /**
   * Starts it.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    System.exit(run(args, System.in, Output.ofProcess(), System.err));
  }

  /**
   * Runs one command in this process.
   *
   * @param args the command line
   * @param in its input
   * @param out what it was asked for
   * @param err progress and diagnostics
   * @return the exit code
   */
  public static int run(String[] args, InputStream in, PrintStream out, PrintStream err) {
    return run(args, Terminal.ofProcess(in, out, err));
  }

  /**
   * Runs one command in this process.
   *
   * @param args the command line
   * @param terminal where it reads and prints
   * @return the exit code
   */
  public static int run(String[] args, Terminal terminal) {
    CommandLine line = new CommandLine(new Holdfast(), new Commands(terminal));
    line.setOut(writer(terminal.out())).setErr(writer(terminal.err()));
    line.setUsageHelpWidth(HELP_COLUMNS);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.registerConverter(Durability.class, text -> converted(text, Durability::parse));
    line.registerConverter(KeyField.class, text -> converted(text, KeyField::new));
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            terminal.colour() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
    line.setParameterExceptionHandler((e, a) -> usage(e, terminal));
    line.setExecutionExceptionHandler((e, command, parsed) -> failed(e, terminal));
    int code = execute(line, args, terminal);
    boolean lost = terminal.out().checkError() && !terminal.readerIsGone();
    if (lost) {
      terminal.say("holdfast: the output cannot be written: " + terminal.failure());
    }
    return lost && code == ExitCode.FINE ? ExitCode.PROBLEM : code;
  }

  private static int execute(CommandLine line, String[] args, Terminal terminal) {
    try {
      return line.execute(args);
    } catch (OutOfMemoryError e) {
      terminal.say(
          "holdfast: the heap of %s is too small; HOLDFAST_JAVA_OPTS=-Xmx512m gives it more"
              .formatted(Text.bytes(Runtime.getRuntime().maxMemory())));
      return ExitCode.PROBLEM;
    }
  }

  /** What is wrong is said as the parser says it. */
  private static <T> T converted(String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.TypeConversionException(e.getMessage());
    }
  }

  private static int usage(ParameterException e, Terminal terminal) {
    terminal.say("holdfast: " + Text.safe(e.getMessage()));
    String verb = e.getCommandLine().getCommandSpec().qualifiedName();
    terminal.say("'" + verb + " --help' shows how it is used");
    return ExitCode.USAGE;
  }

  private static int failed(Exception e, Terminal terminal) {
    terminal.out().flush();
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    terminal.say("holdfast: " + Text.safe(message));
    return ExitCode.of(e);
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }
}
