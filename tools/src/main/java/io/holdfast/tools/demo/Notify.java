package io.holdfast.tools.demo;

import java.net.SocketTimeoutException;
import java.util.NoSuchElementException;

/**
 * What the handler of the group {@code notify} makes of an event: it pretends to send a mail about
 * it, and has the troubles that such handlers have. The outcome depends on subject and attempt
 * only.
 */
final class Notify {
  /** Failures after which a message becomes a dead letter. */
  static final int MAX_ATTEMPTS = 3;

  private Notify() {}

  /** Whether nobody may ever be told of it: the message is rejected at once. */
  static boolean isRefused(String subject) {
    return subject.startsWith("marketplace_purchase.") || subject.startsWith("sponsorship.");
  }

  /** Whether no number of attempts helps. */
  static boolean isHopeless(String subject) {
    return subject.endsWith(".deleted") || subject.equals("delete");
  }

  /** Whether the message ends as a dead letter. */
  static boolean isDead(String subject) {
    return isRefused(subject) || isHopeless(subject);
  }

  /**
   * Sends the mail.
   *
   * @param subject of the event
   * @param attempt 1 at the first
   * @throws SocketTimeoutException where another attempt helps
   * @throws NoSuchElementException where none does
   */
  static void mail(String subject, int attempt) throws SocketTimeoutException {
    if (isHopeless(subject)) {
      throw new NoSuchElementException("nobody to tell: " + subject);
    }
    boolean slow = subject.startsWith("workflow_") && attempt <= 2;
    boolean busy = subject.startsWith("pull_request.") && attempt == 1;
    if (slow || busy) {
      throw new SocketTimeoutException("the mail server did not answer in time");
    }
  }
}
