package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.file.MappedRegion;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Slots keep apart what belongs to different messages and different deliveries. */
class SlotFileTest {
  private final MappedRegion region = MappedRegion.onHeap((int) SlotFile.fileLength(2));
  private final SlotFile slots = new SlotFile();

  SlotFileTest() {
    slots.add(region, SlotLayout.FIRST_BLOCK);
  }

  @Test
  void eachSlotHasItsOwnFields() {
    assertEquals(256, slots.size());
    for (int slot = 0; slot < slots.size(); slot++) {
      slots.offset(slot, 1_000 + slot);
      slots.deadline(slot, 2_000 + slot);
      slots.deadLetterEnd(slot, 3_000 + slot);
      slots.firstDelivery(slot, 4_000 + slot);
      slots.consumer(slot, ("c" + slot).getBytes(StandardCharsets.US_ASCII));
      slots.error(slot, "E" + slot, "m" + slot, SlotDetails.REJECTED);
      slots.word(slot, SlotWord.delivered(0));
    }
    for (int slot = 0; slot < slots.size(); slot++) {
      assertEquals(1_000 + slot, slots.offset(slot));
      assertEquals(2_000 + slot, slots.deadline(slot));
      assertEquals(3_000 + slot, slots.deadLetterEnd(slot));
      assertEquals(
          new SlotDetails(4_000 + slot, "c" + slot, "E" + slot, "m" + slot, SlotDetails.REJECTED),
          slots.details(slot));
    }
  }

  @Test
  void aWordCarriesStateGenerationFailuresAndAttempts() {
    long word = SlotWord.failed(SlotWord.delivered(SlotWord.delivered(0)), SlotState.DELAYED);
    assertEquals(SlotState.DELAYED, SlotWord.state(word));
    assertEquals(2, SlotWord.generation(word));
    assertEquals(1, SlotWord.failures(word));
    assertEquals(2, SlotWord.attempts(word));
    long free = SlotWord.free(word);
    assertEquals(SlotState.FREE, SlotWord.state(free));
    assertEquals(2, SlotWord.generation(free));
    assertEquals(0, SlotWord.attempts(free));
  }

  @Test
  void countsStopAndGenerationsComeRound() {
    long word = 0;
    for (int i = 0; i < 70_000; i++) {
      word = SlotWord.failed(SlotWord.delivered(word), SlotState.DELAYED);
    }
    assertEquals(70_000, SlotWord.generation(word));
    assertEquals(65_535, SlotWord.failures(word));
    assertEquals(65_535, SlotWord.attempts(word));
    long last = SlotWord.free(((1L << 28) - 1) << 32);
    assertEquals(0, SlotWord.generation(SlotWord.delivered(last)));
    assertEquals(1, SlotWord.attempts(SlotWord.delivered(last)));
  }

  @Test
  void onlyTheExpectedWordIsReplaced() {
    slots.word(3, 42);
    assertFalse(slots.compareAndSetWord(3, 41, 1));
    assertTrue(slots.compareAndSetWord(3, 42, 1));
    assertEquals(1, slots.word(3));
  }

  @Test
  void longErrorsAreCutAndTheClassKeepsItsEnd() {
    slots.error(0, "a".repeat(200) + ".Broken", "\u00e4".repeat(500), SlotDetails.ATTEMPTS);
    SlotDetails details = slots.details(0);
    assertEquals(96, details.errorClass().length());
    assertTrue(details.errorClass().endsWith(".Broken"));
    assertEquals("\u00e4".repeat(40), details.errorMessage());
    slots.error(0, "", "", 0);
    assertNull(slots.details(0).lastError());
  }

  @Test
  void anErrorIsWholeOnlyWithItsOwnDeliveryAndAllItsBytes() {
    int at = SlotLayout.FIRST_BLOCK + SlotLayout.detailInBlock(0);
    slots.word(0, SlotWord.delivered(0));
    assertFalse(slots.isErrorWhole(0), "the device has never got one");
    slots.error(0, "E", "m", SlotDetails.ATTEMPTS);
    slots.word(0, SlotWord.failed(slots.word(0), SlotState.DYING));
    assertTrue(slots.isErrorWhole(0));
    for (int i = 0; i < SlotLayout.DETAIL; i++) {
      byte was = region.buffer().getByte(at + i);
      region.buffer().putByte(at + i, (byte) (was ^ 1));
      assertFalse(slots.isErrorWhole(0), "byte " + i + " is of another time");
      region.buffer().putByte(at + i, was);
    }
    slots.word(0, SlotWord.delivered(slots.word(0)));
    assertFalse(slots.isErrorWhole(0), "the error is of the delivery before");
  }

  @Test
  void aFailureThatNobodyWasToldOfDoesNotCount() {
    long dying = SlotWord.failed(SlotWord.delivered(0), SlotState.DYING);
    long untold = SlotWord.untold(dying, 0);
    assertEquals(SlotState.AVAILABLE, SlotWord.state(untold));
    assertEquals(0, SlotWord.failures(untold));
    assertEquals(1, SlotWord.attempts(untold));
    assertEquals(1, SlotWord.generation(untold));
  }

  @Test
  void tornLengthsDoNotLeadOutOfTheDetails() {
    int at = SlotLayout.FIRST_BLOCK + SlotLayout.detailInBlock(255 & 127) + SlotLayout.BLOCK;
    region.buffer().setMemory(at, SlotLayout.DETAIL, (byte) 0xFF);
    SlotDetails details = slots.details(255);
    assertTrue(details.consumer().length() <= SlotLayout.CONSUMER_MAX);
    assertTrue(details.errorClass().length() <= SlotLayout.CLASS_MAX);
  }
}
