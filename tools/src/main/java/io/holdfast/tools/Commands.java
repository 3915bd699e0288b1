package io.holdfast.tools;

import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes the commands, and hands each the terminal that it prints on. */
final class Commands implements IFactory {
  private final Terminal terminal;

  Commands(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public <K> K create(Class<K> type) throws Exception {
    K made = CommandLine.defaultFactory().create(type);
    if (made instanceof ToolCommand command) {
      command.terminal(terminal);
    }
    return made;
  }
}
