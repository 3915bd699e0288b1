package io.holdfast.storage.crash;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.error.StoreInUseException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.file.StoreLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CrashFileSystemTest {
  private static final int PAGE = 4096;

  private final CrashFileSystem disk = CrashFileSystem.create();
  private final Path directory = disk.getPath("/d");
  private final Path file = directory.resolve("f");

  @BeforeEach
  void makeTheDirectory() {
    DurableFiles.makeDirectories(directory);
  }

  private static CrashFileSystem nothing(CrashPoint point) {
    return point.cut(new Random(0), PAGE, 0);
  }

  private static CrashFileSystem everything(CrashPoint point) {
    return point.cut(new Random(0), PAGE, 1);
  }

  private static Path in(CrashFileSystem other, Path path) {
    return other.getPath(path.toString());
  }

  /** What each possible cut leaves, told by a test's own words. */
  private Set<String> afterAllCuts(Teller teller) throws IOException {
    Set<String> found = new TreeSet<>();
    for (CrashFileSystem cut : disk.point().allCuts()) {
      found.add(teller.tell(cut));
    }
    return found;
  }

  private interface Teller {
    String tell(CrashFileSystem cut) throws IOException;
  }

  private String names(CrashFileSystem cut) throws IOException {
    try (Stream<Path> entries = Files.list(in(cut, directory))) {
      return String.join(" ", new TreeSet<>(entries.map(e -> e.getFileName() + "").toList()));
    }
  }

  @Test
  void filesAreWrittenReadListedMovedAndDeleted() throws IOException {
    Files.write(file, new byte[] {1, 2, 3});
    Files.write(file, new byte[] {4}, StandardOpenOption.APPEND);
    assertArrayEquals(new byte[] {1, 2, 3, 4}, Files.readAllBytes(file));
    assertEquals(4, Files.size(file));
    assertThrows(FileAlreadyExistsException.class, () -> Files.createFile(file));
    Path other = directory.resolve("g");
    Files.move(file, other, StandardCopyOption.ATOMIC_MOVE);
    assertThrows(NoSuchFileException.class, () -> Files.size(file));
    assertEquals("g", names(disk));
    assertThrows(DirectoryNotEmptyException.class, () -> Files.delete(directory));
    Files.delete(other);
    assertFalse(Files.deleteIfExists(other));
    Files.delete(directory);
    assertFalse(Files.exists(directory));
    assertThrows(UnsupportedOperationException.class, file::toFile);
  }

  @Test
  void contentReachesTheDeviceWithAForceAndTheNameWithItsDirectory() throws IOException {
    DurableFiles.allocate(file, 2 * PAGE);
    assertEquals("", names(nothing(disk.point())));
    assertEquals("f", names(everything(disk.point())));
    DurableFiles.forceDirectory(directory);
    assertEquals("f", names(nothing(disk.point())));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {7}), PAGE);
      assertEquals(0, Files.readAllBytes(in(nothing(disk.point()), file))[PAGE]);
      channel.force(false);
    }
    assertEquals(7, Files.readAllBytes(in(nothing(disk.point()), file))[PAGE]);
    assertEquals(0, disk.point().choices());
  }

  @Test
  void aRegionSharesTheFileAndForcesThePagesOfARange() throws IOException {
    DurableFiles.replace(file, new byte[4 * PAGE]);
    try (MappedRegion region = MappedRegion.map(file, PAGE, 3 * PAGE);
        MappedRegion reader = MappedRegion.mapReadOnly(file)) {
      region.buffer().putByte(0, (byte) 1);
      region.buffer().putByte(PAGE + 9, (byte) 2);
      region.buffer().putByte(2 * PAGE + 9, (byte) 3);
      assertEquals(2, reader.buffer().getByte(2 * PAGE + 9));
      assertEquals(2, Files.readAllBytes(file)[2 * PAGE + 9]);
      region.force(PAGE + 4000, 96);
      assertEquals(2, disk.point().choices());
      assertEquals(
          Set.of("020", "023", "120", "123"),
          afterAllCuts(
              cut -> {
                byte[] left = Files.readAllBytes(in(cut, file));
                return "" + left[PAGE] + left[2 * PAGE + 9] + left[3 * PAGE + 9];
              }));
      assertThrows(StorageIoException.class, reader::force);
    }
  }

  @Test
  void aFileThatGrowsKeepsTheRegionsOverIt() throws IOException {
    DurableFiles.allocate(file, PAGE);
    try (MappedRegion first = MappedRegion.map(file)) {
      DurableFiles.grow(file, PAGE, 3 * PAGE);
      try (MappedRegion second = MappedRegion.map(file, PAGE, 2 * PAGE)) {
        first.buffer().putByte(5, (byte) 5);
        second.buffer().putByte(6, (byte) 6);
        byte[] content = Files.readAllBytes(file);
        assertEquals(3 * PAGE, content.length);
        assertEquals("56", "" + content[5] + content[PAGE + 6]);
      }
    }
  }

  @Test
  void aSizeThatWasNotForcedMayBeTheOldOneOrAnyUpToTheNew() throws IOException {
    DurableFiles.replace(file, new byte[] {1, 2, 3});
    Files.write(file, new byte[5_000], StandardOpenOption.APPEND);
    Set<Long> sizes = new TreeSet<>();
    Random random = new Random(1);
    for (int i = 0; i < 100; i++) {
      CrashFileSystem cut = disk.point().cut(random, random.nextBoolean() ? 512 : PAGE, 0.5);
      byte[] left = Files.readAllBytes(in(cut, file));
      assertArrayEquals(new byte[] {1, 2, 3}, java.util.Arrays.copyOf(left, 3));
      sizes.add((long) left.length);
    }
    assertTrue(sizes.contains(3L) && sizes.contains(5_003L) && sizes.size() > 10, sizes + "");
  }

  @Test
  void aTornPageIsOldInSomeSectorsAndNewInOthers() throws IOException {
    DurableFiles.replace(file, new byte[PAGE]);
    byte[] ones = new byte[PAGE];
    java.util.Arrays.fill(ones, (byte) 1);
    Files.write(file, ones, StandardOpenOption.WRITE);
    byte[] left = Files.readAllBytes(in(disk.point().cut(new Random(3), 512, 0.5), file));
    Set<Integer> news = new TreeSet<>();
    for (int sector = 0; sector < PAGE / 512; sector++) {
      for (int i = 1; i < 512; i++) {
        assertEquals(left[sector * 512], left[sector * 512 + i]);
      }
      news.add((int) left[sector * 512]);
    }
    assertEquals(Set.of(0, 1), news);
  }

  @Test
  void namesReachTheDeviceAsTheyMay() throws IOException {
    DurableFiles.replace(file, new byte[] {1});
    Files.write(directory.resolve("new"), new byte[] {2});
    Files.move(directory.resolve("new"), file, StandardCopyOption.ATOMIC_MOVE);
    Files.write(directory.resolve("other"), new byte[0]);
    assertEquals(
        Set.of("f", "f new", "f new other", "f other"), afterAllCuts(this::names));
    Set<String> contents =
        afterAllCuts(cut -> Files.exists(in(cut, directory.resolve("new"))) + " " + first(cut));
    assertEquals(Set.of("false 0", "false 1", "false 2", "false -1", "true 1"), contents);
  }

  /** The first byte of the file, or -1. */
  private int first(CrashFileSystem cut) throws IOException {
    byte[] content = Files.readAllBytes(in(cut, file));
    return content.length == 0 ? -1 : content[0];
  }

  @Test
  void aRenameIsWholeAndIsForcedWithEitherDirectory() throws IOException {
    Path pool = disk.getPath("/pool");
    DurableFiles.makeDirectories(pool);
    DurableFiles.allocate(pool.resolve("p"), PAGE);
    Files.move(pool.resolve("p"), file, StandardCopyOption.ATOMIC_MOVE);
    Teller teller = cut -> names(cut) + "|" + Files.exists(in(cut, pool.resolve("p")));
    assertEquals(Set.of("|false", "|true", "f|false"), afterAllCuts(teller));
    DurableFiles.forceDirectory(directory);
    assertEquals(Set.of("f|false"), afterAllCuts(teller));
  }

  @Test
  void aKilledProcessLeavesAllThatWasSeenAndADeviceThatLacksIt() throws IOException {
    DurableFiles.replace(file, new byte[PAGE]);
    Files.write(file, new byte[] {8}, StandardOpenOption.WRITE);
    Files.write(directory.resolve("g"), new byte[] {9});
    CrashFileSystem killed = disk.point().killed();
    assertEquals("f g", names(killed));
    assertEquals(8, first(killed));
    assertEquals("f", names(nothing(killed.point())));
    assertEquals(0, first(nothing(killed.point())));
    assertEquals("f g", names(everything(killed.point())));
    assertEquals(8, first(everything(killed.point())));
  }

  @Test
  void aPointIsNotChangedByWhatComesAfterIt() throws IOException {
    DurableFiles.replace(file, new byte[PAGE]);
    try (MappedRegion region = MappedRegion.map(file)) {
      region.buffer().putByte(0, (byte) 1);
      CrashPoint before = disk.point();
      region.buffer().putByte(0, (byte) 2);
      region.force();
      Files.delete(file);
      DurableFiles.forceDirectory(directory);
      assertEquals(0, first(nothing(before)));
      assertEquals(1, first(everything(before)));
      assertEquals("", names(nothing(disk.point())));
    }
  }

  @Test
  void aWatcherSeesTheCallsAndMayFailThem() throws IOException {
    List<String> seen = new ArrayList<>();
    disk.watch(call -> seen.add(call.kind() + " " + call.path()));
    DurableFiles.replace(file, new byte[] {1});
    assertEquals(
        List.of(
            "CREATE /d/f.tmp", "WRITE /d/f.tmp", "FORCE /d/f.tmp", "RENAME /d/f.tmp",
            "FORCE_DIRECTORY /d"),
        seen);
    disk.watch(
        call -> {
          throw new IOException("No space left on device");
        });
    assertThrows(
        io.holdfast.storage.error.DiskFullException.class,
        () -> DurableFiles.replace(file, new byte[] {2}));
    assertEquals(1, first(disk));
  }

  @Test
  void aForceThatFailedIsNeverMadeGoodByTheNext() throws IOException {
    DurableFiles.replace(file, new byte[2 * PAGE]);
    try (MappedRegion region = MappedRegion.map(file)) {
      region.buffer().putByte(0, (byte) 1);
      region.buffer().putByte(PAGE, (byte) 1);
      disk.watch(
          call -> {
            throw new IOException("Input/output error");
          });
      assertThrows(StorageIoException.class, region::force);
      disk.watch(call -> {});
      region.buffer().putByte(PAGE, (byte) 2);
      region.force();
      byte[] left = Files.readAllBytes(in(nothing(disk.point()), file));
      assertEquals("02", "" + left[0] + left[PAGE], "lost, and written again since");
    }
  }

  @Test
  void theLockOfAStoreIsHeldUntilItIsFreedAndNotInACrashedCopy() {
    StoreLock lock = StoreLock.take(directory);
    assertThrows(StoreInUseException.class, () -> StoreLock.take(directory));
    StoreLock.take(in(disk.point().killed(), directory)).close();
    lock.close();
    StoreLock.take(directory).close();
  }
}
