package io.holdfast.tools;

import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.check.TopicWalk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code holdfast dump}: what stands in a store, or in any one of its files. */
@Command(
    name = "dump",
    description = {
      "Show the messages of a store, or what is in one of its files, told by its first bytes.",
      "A record that cannot be read is shown as BAD; the dump goes on behind it and ends with 1.",
      "It takes no lock and changes nothing: it works on a store that another process has open.",
    },
    footer = {
      "",
      "Examples:",
      "  holdfast dump data --topic orders --from 99990 --payload text",
      "  holdfast dump data --topic orders --records --limit 3",
      "  holdfast dump data/topics/orders/0000000001.log --payload hex --limit 1",
      "  holdfast dump data/groups/billing/orders/slots",
    })
final class Dump extends ToolCommand {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "<file|dir>",
      description = "The directory of a store, or one of its files.")
  private Path path;

  @Option(names = "--topic", paramLabel = "T", description = "Only this topic.")
  private String topic;

  @Option(names = "--from", paramLabel = "O", description = "Begin at this offset.")
  private long from;

  @Option(names = "--limit", paramLabel = "N", description = "At most N messages of a topic.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--records",
      description = "Show the headers of records, those of begin and seal as well.")
  private boolean records;

  @Option(
      names = "--payload",
      paramLabel = "FORM",
      description = "Show payloads: none (unless given), text, hex or json.")
  private PayloadForm payload = PayloadForm.NONE;

  @Override
  public Integer call() {
    if (from < 0 || limit < 0) {
      throw new ParameterException(spec.commandLine(), "--from and --limit are 0 or more");
    }
    RecordPrinter printer = new RecordPrinter(terminal(), json(), records, payload, limit);
    boolean fine = Files.isDirectory(path) ? store(printer) : file(printer);
    return fine ? ExitCode.FINE : ExitCode.PROBLEM;
  }

  private boolean store(RecordPrinter printer) {
    StoreView store = StoreView.open(path);
    List<TopicView> topics =
        topic == null ? store.topics() : List.of(Verify.named(store, topic));
    boolean fine = true;
    for (TopicView view : topics) {
      if (!json() && topic == null) {
        terminal().out().println("topic " + view.name());
      }
      try (TopicWalk walk = TopicWalk.of(view, from)) {
        fine &= printer.print(view.name(), walk);
      }
    }
    return fine;
  }

  private boolean file(RecordPrinter printer) {
    if (topic != null) {
      throw new ParameterException(
          spec.commandLine(), "--topic is for a store; " + path + " is not a directory");
    }
    return new FileDump(terminal(), json()).dump(path, from, printer);
  }
}
