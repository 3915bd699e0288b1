package io.holdfast.bench;

import io.holdfast.storage.Durability;
import java.nio.file.Path;

/** How much of Holdfast a latency run goes through. */
enum RunLevel {
  /** Append and read. */
  STORAGE("storage", 0),
  /** Send, receive, ack. */
  ENGINE("engine", 32);

  private final String text;
  private final int extraBytes;

  RunLevel(String text, int extraBytes) {
    this.text = text;
    this.extraBytes = extraBytes;
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws UsageException for any other text
   */
  static RunLevel parse(String text) {
    for (RunLevel level : values()) {
      if (level.text.equals(text)) {
        return level;
      }
    }
    throw new UsageException("--level: expected storage or engine, found '%s'".formatted(text));
  }

  /** Bytes that the level writes for each message beside its record, about. */
  int extraBytes() {
    return extraBytes;
  }

  /** Makes what a run sends through, in a directory that is empty. */
  Scenario open(Path directory, Durability durability) {
    return switch (this) {
      case STORAGE -> new TopicScenario(directory, durability);
      case ENGINE -> new EngineScenario(directory, durability);
    };
  }

  @Override
  public String toString() {
    return text;
  }
}
