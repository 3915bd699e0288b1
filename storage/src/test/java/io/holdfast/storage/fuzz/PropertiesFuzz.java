package io.holdfast.storage.fuzz;

import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.file.PropertiesFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;

/** A target: reads a properties file of any text, and the durability level that it may name. */
public final class PropertiesFuzz {
  private PropertiesFuzz() {}

  /**
   * Runs one input.
   *
   * @param input whether the text is signed, then the text
   */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] text = Arrays.copyOfRange(input, 1, input.length);
    FuzzBounds.run(() -> read((input[0] & 1) == 0 ? Signatures.sign("plan", text) : text));
    try {
      Durability level = Durability.parse(new String(text, StandardCharsets.UTF_8));
      if (!Durability.parse(level.toString()).equals(level)) {
        throw new AssertionError(level + " is read as another level");
      }
    } catch (IllegalArgumentException e) {
      if (e.getMessage() == null) {
        throw new AssertionError("an exception that says nothing", e);
      }
    }
  }

  private static void read(byte[] content) throws IOException {
    Path file = CrashFileSystem.create().getPath("/file.properties");
    Files.write(file, content);
    SortedMap<String, String> properties = PropertiesFile.read(file);
    PropertiesFile.write(file, properties);
    if (!PropertiesFile.read(file).equals(properties)) {
      throw new AssertionError("what is written is not what is read: " + properties);
    }
  }
}
