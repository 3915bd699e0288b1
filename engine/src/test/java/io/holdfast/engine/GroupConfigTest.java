package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.file.PropertiesFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a group is told to do, and how it is kept. */
class GroupConfigTest {
  @TempDir Path dir;

  private static GroupConfig unusual() {
    return GroupConfig.builder()
        .ordering(
            Ordering.byKey()
                .withOnPoison(Ordering.OnPoison.DEAD_LETTER_REST_OF_KEY)
                .withLookahead(77))
        .loadSharing(LoadSharing.ROUND_ROBIN)
        .maxRedrives(0)
        .onError(IOException.class, ErrorRule.throttle(Duration.ofSeconds(5)))
        .onError(FileNotFoundException.class, ErrorRule.fatal())
        .build();
  }

  @Test
  void everyOptionIsKept() {
    Path file = dir.resolve(GroupConfigFile.NAME);
    GroupConfigFile.write(file, unusual(), new TreeSet<>());
    assertEquals(unusual(), GroupConfigFile.read(file).config());
    assertEquals(unusual().hashCode(), GroupConfigFile.read(file).config().hashCode());
    assertEquals(unusual().toString(), GroupConfigFile.read(file).config().toString());
  }

  @Test
  void whatFormat1DidNotHaveStandsForWhatItDid() {
    Path file = dir.resolve(GroupConfigFile.NAME);
    SortedMap<String, String> properties = GroupConfigFile.toProperties(GroupConfig.defaults());
    for (String added :
        new String[] {"ordering", "onPoison", "lookahead", "loadSharing", "maxRedrives"}) {
      properties.remove(added);
    }
    PropertiesFile.write(file, properties);
    assertEquals(GroupConfig.defaults(), GroupConfigFile.read(file).config());
  }

  @Test
  void theRuleOfTheNearestClassHolds() {
    GroupConfig config = unusual();
    assertTrue(config.ruleFor(new FileNotFoundException()).isFatal());
    assertEquals(
        Duration.ofSeconds(5), config.ruleFor(new ConnectException()).delay().orElseThrow());
    assertNull(config.ruleFor(new IllegalStateException(new IOException())));
    assertNull(GroupConfig.defaults().ruleFor(new IOException()));
  }

  @Test
  void whatMakesNoSenseIsRefusedWithTheReason() {
    Ordering.OnPoison rest = Ordering.OnPoison.DEAD_LETTER_REST_OF_KEY;
    refused("without an order", () -> Ordering.none().withOnPoison(Ordering.OnPoison.BLOCK));
    refused("knows no keys", () -> Ordering.total().withOnPoison(rest));
    refused("lookahead is between 1", () -> Ordering.byKey().withLookahead(0));
    refused("delay is between", () -> ErrorRule.throttle(Duration.ZERO));
    refused("not 'often'", () -> ErrorRule.parse("often"));
    refused("class", () -> GroupConfig.builder().onError("a b", ErrorRule.fatal()));
    refused("maxRedrives is", () -> GroupConfig.builder().maxRedrives(-1));
    Duration longest = Duration.ofDays(365_000); // for all that is kept, waits or counts
    GroupConfig.builder().expireAfter(longest);
    Retention.byAge(longest);
    TopicConfig.builder().maxAge(longest);
    Message.builder(new byte[0]).delay(longest).timeToLive(longest);
    Duration tooLong = longest.plusMillis(1);
    refused("expireAfter", () -> GroupConfig.builder().expireAfter(tooLong));
    refused("atMost", () -> Retention.byAge(tooLong));
    refused("maxAge", () -> TopicConfig.builder().maxAge(tooLong));
    refused("delay", () -> Message.builder(new byte[0]).delay(tooLong));
  }

  private static void refused(String reason, Runnable made) {
    String told = assertThrows(IllegalArgumentException.class, made::run).getMessage();
    assertTrue(told.contains(reason), told);
  }
}
