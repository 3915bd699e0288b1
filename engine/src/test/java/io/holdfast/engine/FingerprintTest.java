package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

/** What died of the same has the same fingerprint, and what did not has another. */
class FingerprintTest {
  private static final String STACK =
      """
      java.lang.IllegalStateException: order 17 failed
      \tat java.base/java.util.Optional.orElseThrow(Optional.java:403)
      \tat app//shop.Stock.take(Stock.java:10)
      \tat shop@1.2/shop.Orders.lambda$ship$0(Orders.java:20)
      \tat jdk.proxy2/jdk.proxy2.$Proxy12.ship(Unknown Source)
      \tat shop.Handler.handle(Handler.java:30)
      \tat shop.Main.main(Main.java:40)
      Caused by: java.io.IOException: disk 4 is gone
      \tat shop.Disk.read(Disk.java:50)
      \t... 3 more
      """;

  private static String of(String message, String stack) {
    return Fingerprint.of("java.lang.IllegalStateException", message, stack);
  }

  @Test
  void numbersAndIdsInTheMessageDoNotCount() {
    assertEquals("order # of #", Fingerprint.withoutIds("order 17 of 1,250.75"));
    assertEquals(
        "# is not #", Fingerprint.withoutIds("123e4567-e89b-12d3-a456-426614174000 is not 5"));
    assertEquals("at # and #", Fingerprint.withoutIds("at 0xFFee12 and 9f86d081884c7d65"));
    assertEquals("shop.Order#", Fingerprint.withoutIds("shop.Order@1b6d3586"));
    assertEquals("deadbeef is a word", Fingerprint.withoutIds("deadbeef is a word"));
    assertEquals(of("order 17", ""), of("order 18", ""));
    assertNotEquals(of("order 17 has no stock", ""), of("order 17 has no price", ""));
  }

  @Test
  void linesLoadersAndTheJdkDoNotCount() {
    String other =
        STACK
            .replace(":403)", ":500)")
            .replace("java.util.Optional.orElseThrow", "java.util.Optional.get")
            .replace("app//", "")
            .replace("shop@1.2/", "shop@1.3/")
            .replace("Stock.java:10", "Stock.java:11")
            .replace("$Proxy12", "$Proxy7")
            .replace("disk 4", "disk 5");
    assertEquals(of("failed", STACK), of("failed", other));
  }

  @Test
  void theFirstFramesOfEachErrorCount() {
    assertNotEquals(of("failed", STACK), of("failed", STACK.replace("Stock.take", "Stock.put")));
    assertNotEquals(of("failed", STACK), of("failed", STACK.replace("Disk.read", "Disk.write")));
    assertNotEquals(
        of("failed", STACK), of("failed", STACK.replace("java.io.IOException", "shop.Lost")));
    assertEquals(of("failed", STACK), of("failed", STACK.replace("Main.main", "Other.main")));
    assertNotEquals(of("failed", STACK), of("failed", ""));
  }

  @Test
  void aFingerprintStaysWhatItIs() {
    assertEquals("1d972fdd9c48", of("order 17 failed", STACK), "others have noted it");
  }
}
