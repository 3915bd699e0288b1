package io.holdfast.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Durability;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatencyOptionsTest {
  @Test
  void nothingGivenMeansTheDefaults() {
    assertEquals(
        new LatencyOptions(
            RunLevel.STORAGE,
            100_000,
            64,
            1,
            30,
            10,
            Durability.processCrash(),
            Path.of("."),
            Optional.empty()),
        LatencyOptions.parse());
  }

  @Test
  void eachOptionIsTaken() {
    LatencyOptions options =
        LatencyOptions.parse(
            ("--level engine --rate 7 --payload 16 --batch 4096 --seconds 3600 --warmup 0"
                    + " --durability powerLoss --dir a/b --hlog c.hlog")
                .split(" "));
    assertEquals(
        new LatencyOptions(
            RunLevel.ENGINE,
            7,
            16,
            4096,
            3600,
            0,
            Durability.powerLoss(),
            Path.of("a/b"),
            Optional.of(Path.of("c.hlog"))),
        options);
  }

  @ParameterizedTest
  @CsvSource({
    "--rate, --rate: expected a value behind it",
    "--rate 0, '--rate: expected a whole number from 1 to 10000000, found ''0'''",
    "--rate 1e5, found '1e5'",
    "--rate 99999999999, found '99999999999'",
    "--payload 15, '--payload: expected a whole number from 16 to 1048576'",
    "--payload 1048577, found '1048577'",
    "--batch 4097, --batch: expected a whole number from 1 to 4096",
    "--seconds 0, --seconds: expected a whole number from 1 to 3600",
    "--warmup -1, --warmup: expected a whole number from 0 to 600",
    "--level disk, --level: expected storage or engine",
    "--durability fast, --durability: expected the durability",
    "--rate 1 --rate 2, '--rate: expected once, found twice'",
    "--speed 1, --speed: there is no such option",
    "rate 1, rate: there is no such option",
  })
  void aWrongOptionIsNamedWithWhatWasExpected(String line, String part) {
    UsageException e =
        assertThrows(UsageException.class, () -> LatencyOptions.parse(line.split(" ")));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void theDiskSpaceIsThatOfAllRecordsAndSomeSegments() {
    LatencyOptions options =
        LatencyOptions.parse("--rate", "1000000", "--seconds", "9", "--warmup", "1");
    long records = 10_000_000L * 96;
    assertTrue(options.diskBytes() > records, () -> "found " + options.diskBytes());
    assertTrue(options.diskBytes() < records * 1.3, () -> "found " + options.diskBytes());
  }
}
