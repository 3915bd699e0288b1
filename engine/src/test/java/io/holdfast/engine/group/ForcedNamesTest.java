package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.holdfast.storage.error.StorageIoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an opening forces ahead is forced once, and a failure is one for all who ask. */
class ForcedNamesTest {
  private static final int MANY = 40;

  @TempDir Path directory;

  private final ForcedNames names = new ForcedNames();

  private List<Path> many() throws IOException {
    List<Path> all = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      all.add(Files.createDirectory(directory.resolve("d" + i)));
    }
    return all;
  }

  @Test
  void aFailureIsToldToWhoeverAsksForThatDirectoryAndIsNeverTriedAgain() throws IOException {
    List<Path> all = many();
    Path missing = directory.resolve("missing");
    all.add(missing);
    names.remember();
    names.ahead(all);
    assertThrows(StorageIoException.class, () -> names.force(missing));
    Files.createDirectory(missing); // a second force might succeed, and heal nothing
    assertThrows(StorageIoException.class, () -> names.force(missing));
    for (Path directory : all.subList(0, MANY)) {
      assertDoesNotThrow(() -> names.force(directory));
    }
  }

  @Test
  void aForceThatFailsWhereItIsAskedForFailsTheNextTimeToo() throws IOException {
    Path missing = directory.resolve("missing");
    names.remember();
    names.ahead(List.of(missing)); // few are left for when they are asked for
    assertThrows(StorageIoException.class, () -> names.force(missing));
    Files.createDirectory(missing);
    assertThrows(StorageIoException.class, () -> names.force(missing));
  }

  @Test
  void whatIsForgottenIsForcedAgain() throws IOException {
    List<Path> all = many();
    names.remember();
    names.ahead(all);
    Files.delete(all.get(0));
    assertDoesNotThrow(() -> names.force(all.get(0)), "it was forced before");
    names.forget();
    assertThrows(StorageIoException.class, () -> names.force(all.get(0)));
  }
}
