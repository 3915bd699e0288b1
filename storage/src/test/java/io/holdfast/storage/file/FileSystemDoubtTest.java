package io.holdfast.storage.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Store;
import io.holdfast.storage.crash.CrashFileSystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Filter;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileSystemDoubtTest {
  private final Logger log = Logger.getLogger(Store.class.getName());
  private final Filter before = log.getFilter();
  private final List<String> said = new ArrayList<>();

  @AfterEach
  void restore() {
    log.setFilter(before);
  }

  @ParameterizedTest
  @CsvSource({"nfs4, NETWORK", "CIFS, NETWORK", "fuse.sshfs, NETWORK", "btrfs, COPY_ON_WRITE"})
  void whatCannotKeepThePromisesIsKnownByItsType(String type, FileSystemDoubt doubt) {
    assertEquals(Optional.of(doubt), FileSystemDoubt.ofType(type));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "tmpfs", "overlay", "NTFS", "apfs"})
  void ofOthersNothingIsSaid(String type) {
    assertEquals(Optional.empty(), FileSystemDoubt.ofType(type));
  }

  @Test
  void aStoreOpensThereWithAWarningThatSaysWhatToDo() {
    openOn("zfs");
    assertEquals(1, said.size(), said.toString());
    assertTrue(
        said.get(0).contains("/data/store: this zfs file system")
            && said.get(0).contains("full disk")
            && said.get(0).contains("such as ext4 or XFS"),
        said.get(0));
  }

  @Test
  void aStoreOnAFitFileSystemOpensInSilence() {
    openOn("ext4");
    assertEquals(List.of(), said);
  }

  private void openOn(String type) {
    log.setFilter(
        record -> {
          said.add(record.getMessage());
          return false;
        });
    Path directory = CrashFileSystem.create(type).getPath("/data/store");
    try (Store store = Store.open(directory)) {
      assertEquals(List.of(), store.topicNames());
    }
  }
}
