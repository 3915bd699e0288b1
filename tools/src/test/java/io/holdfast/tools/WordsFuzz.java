package io.holdfast.tools;

import io.holdfast.storage.fuzz.FuzzBounds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A target: what users type and pipe in: command lines, and lines of JSON with the key's field. */
public final class WordsFuzz {
  private static final String[] VERBS = {"dump", "verify", "info", "repair", "consume"};
  private static final String NOWHERE = "/nowhere/no-store";
  private static final int LIMIT = 100;

  private WordsFuzz() {}

  /**
   * Runs one input.
   *
   * @param input first byte: what it is; then words or lines
   */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    if ((input[0] & 1) == 0) {
      FuzzBounds.run(() -> lines(rest));
    } else {
      FuzzBounds.run(() -> words(VERBS[(input[0] >>> 1 & 0x7F) % VERBS.length], rest));
    }
  }

  /** The first line is the field; every other one is found whole, or cut at the limit. */
  private static void lines(byte[] input) throws IOException {
    LineReader lines = new LineReader(new ByteArrayInputStream(input), LIMIT);
    KeyField field = null;
    long bytes = 0;
    while (lines.next()) {
      bytes += lines.length() + 1;
      if (lines.bytes().length != Math.min(LIMIT, lines.length())) {
        throw new AssertionError(lines.bytes().length + " bytes of " + lines.length());
      }
      if (field == null) {
        field = field(new String(lines.bytes(), StandardCharsets.UTF_8));
      } else {
        field.of(lines.bytes()).ifPresent(key -> Text.safe(key));
        JsonText.of(lines.bytes(), true);
      }
    }
    if (bytes < input.length || bytes > input.length + 1) {
      throw new AssertionError("read %d bytes of %d".formatted(bytes, input.length));
    }
  }

  private static KeyField field(String path) {
    try {
      return new KeyField(path);
    } catch (IllegalArgumentException e) {
      return new KeyField("a"); // refused
    }
  }

  /** Nothing is there, so the command can only say so, or how it is used. */
  private static void words(String verb, byte[] rest) {
    String[] more = new String(rest, StandardCharsets.UTF_8).split("\0");
    Object[] words = new Object[2 + more.length];
    words[0] = verb;
    words[1] = NOWHERE;
    System.arraycopy(more, 0, words, 2, more.length);
    ToolRun run = ToolRun.of(words);
    boolean documented = run.code() >= 0 && run.code() <= 3;
    boolean trace = run.err().contains("\tat ") || run.err().contains("\nCaused by: ");
    if (!documented || trace) {
      throw new AssertionError("exit code %d: %s".formatted(run.code(), run.err()));
    }
  }
}
