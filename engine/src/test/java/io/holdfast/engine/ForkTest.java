package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.holdfast.engine.error.GroupExistsException;
import io.holdfast.storage.error.InvalidNameException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A copy of a group is done with the same, and lives by itself from then on. */
class ForkTest extends PositionFixture {
  @Test
  void theCopyIsDoneWithTheSameAndGetsTheRestAsNew() {
    Group group = engine.group("g", config()).topics("t", "x.*");
    send(0, 6);
    List<Delivery> got = receive("g", 4);
    got.get(0).ack();
    got.get(2).ack();
    got.get(3).nack(new Exception("first"), Duration.ofHours(1));
    group.pause();
    Group copy = group.fork("copy");
    assertEquals(config(), copy.config());
    assertEquals(List.of("x.*"), copy.patterns());
    assertFalse(copy.isPaused());
    List<Delivery> again = receive("copy", 10);
    assertEquals(List.of("m1", "m3", "m4", "m5"), TestStores.texts(again));
    again.forEach(delivery -> assertEquals(1, delivery.attempt()));
    again.forEach(Delivery::ack);
    reopen();
    assertEquals(0, engine.group("copy").lag().get(0).unfinished());
    engine.group("g").resume();
    assertEquals(List.of("m1", "m4", "m5"), all("g"), "the copy's acks are its own");
    send(engine.topic("x.one", TestStores.small().build()), 10, 11);
    assertEquals(List.of("m10"), all("copy"));
  }

  @Test
  void deadLettersOfTheOriginalAreDoneAndWhatItRedroveIsItsOwn() {
    Group group = topic.group("g", config());
    send(0, 2);
    receive("g", 1).forEach(delivery -> delivery.reject("no"));
    group.redrive("t", DeadLetterFilter.all(), RedriveConfig.defaults());
    Group copy = group.fork("copy");
    assertEquals(List.of("t"), copy.topicNames());
    assertEquals(0, copy.lag().get(0).dead());
    assertEquals(List.of("m1"), all("copy"));
    assertEquals(2, receive("g", 10).size());
  }

  @Test
  void aNameThatIsTakenOrDoesNotFitIsRefused() {
    Group group = topic.group("g", config());
    assertThrows(GroupExistsException.class, () -> group.fork("g"));
    assertThrows(InvalidNameException.class, () -> group.fork("G"));
    assertThrows(InvalidNameException.class, () -> group.fork("a.b"));
    assertEquals(List.of("g"), engine.groups());
  }

  @Test
  void whatACrashLeftOfACopyIsNoGroupAndNoStateOfALaterOne() throws IOException {
    Group group = topic.group("g", config());
    send(0, 3);
    receive("g", 2).forEach(Delivery::ack);
    group.fork("copy");
    engine.close();
    Path copy = dir.resolve("store/groups/copy");
    Files.delete(copy.resolve("group.properties")); // which comes last
    open();
    assertEquals(List.of("g"), engine.groups());
    topic.group("copy", config());
    assertEquals(List.of("m0", "m1", "m2"), all("copy"));
    reopen();
    assertEquals(List.of("m0", "m1", "m2"), all("copy"));
  }
}
