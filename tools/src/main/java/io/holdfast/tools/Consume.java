package io.holdfast.tools;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.GroupStats;
import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.engine.group.InternalNames;
import io.holdfast.storage.check.StoreView;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code holdfast consume}: prints messages, and acks those that were printed. */
@Command(
    name = "consume",
    description = {
      "Receive messages for a group and print their payloads, one a line.",
      "Makes the group where there is none, at the oldest message, and says so.",
      "A message is acked once its line was written; what was not is free for the next consumer.",
      "When the reader of its output goes away it ends with 0: nothing was lost.",
    },
    footer = {
      "",
      "Examples:",
      "  holdfast consume data numbers --group g",
      "  holdfast consume data numbers --group g --max 10",
      "  holdfast consume data orders --group audit --follow --json",
    })
final class Consume extends ToolCommand {
  /** Few, so that a reader that goes away leaves few that were received and not printed. */
  private static final int BATCH = 16;

  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration FOLLOW_WAIT = Duration.ofSeconds(1);

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "<dir>", description = "The directory of the store.")
  private Path directory;

  @Parameters(index = "1", paramLabel = "<topic>", description = "The topic.")
  private String topicName;

  @Option(names = "--group", required = true, paramLabel = "G", description = "The group.")
  private String groupName;

  @Option(names = "--max", paramLabel = "N", description = "End after N messages.")
  private long max = Long.MAX_VALUE;

  @Option(names = "--follow", description = "Wait for more when there is nothing left.")
  private boolean follow;

  @Override
  public Integer call() {
    if (max < 0) {
      throw new ParameterException(spec.commandLine(), "--max is 0 or more");
    }
    Verify.named(StoreView.open(directory), topicName); // an opening would make the store
    try (Interruption interruption = Interruption.ofThisThread(GRACE);
        Engine engine = Engine.open(directory)) {
      Group group = group(engine);
      long printed;
      try (Consumer consumer = group.consumer("holdfast-consume")) {
        printed = print(interruption, consumer);
      }
      summary(group, printed);
      return ExitCode.FINE;
    }
  }

  private Group group(Engine engine) {
    engine.topic(topicName);
    boolean isNew = !engine.groups().contains(groupName);
    Group group =
        isNew
            ? engine.topic(topicName).group(groupName, GroupConfig.defaults())
            : engine.group(groupName);
    // What the group redrives of the topic are messages of the topic.
    String retry = InternalNames.retry(InternalNames.deadLetters(topicName, groupName));
    List<String> others =
        group.topicNames().stream()
            .filter(name -> !name.equals(topicName) && !name.equals(retry))
            .toList();
    if (!others.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "group '%s' reads %s as well, and a consumer gets the messages of all its topics; "
                  .formatted(groupName, others)
              + "take another group");
    }
    group.topics(topicName);
    if (isNew) {
      terminal().say("made the group %s at the oldest message".formatted(groupName));
    }
    return group;
  }

  private long print(Interruption interruption, Consumer consumer) {
    long printed = 0;
    while (printed < max && !interruption.requested()) {
      int most = (int) Math.min(BATCH, max - printed);
      List<Delivery> deliveries;
      try {
        deliveries = consumer.receive(most, follow ? FOLLOW_WAIT : Duration.ZERO);
      } catch (HoldfastInterruptedException e) {
        break; // with the flag set: said below
      }
      if (deliveries.isEmpty() && !follow) {
        break;
      }
      for (Delivery delivery : deliveries) {
        if (interruption.requested() || !print(delivery)) {
          return printed; // closing the consumer gives the rest back
        }
        delivery.ack();
        printed++;
      }
    }
    if (interruption.requested()) {
      throw new HoldfastInterruptedException(
          "interrupted; %s printed and acked".formatted(Text.count(printed, "message")));
    }
    return printed;
  }

  /** False when nobody reads any more. */
  private boolean print(Delivery delivery) {
    PrintStream out = terminal().out();
    if (json()) {
      DeliveryJson.print(lines(), delivery);
    } else {
      byte[] payload = delivery.message().payload();
      out.write(payload, 0, payload.length);
      out.write('\n');
    }
    return !out.checkError(); // flushes
  }

  private void summary(Group group, long printed) {
    long left = 0;
    for (GroupStats stats : group.lag()) {
      left += stats.unfinished();
    }
    String count = Text.count(printed, "message");
    terminal().say("%s printed, %s left".formatted(count, Text.count(left)));
  }
}
