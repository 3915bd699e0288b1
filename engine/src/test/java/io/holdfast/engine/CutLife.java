package io.holdfast.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A process that works on a store until its power is cut, and a thread that hears what it says. */
final class CutLife {
  private final CutStore store;
  private final Process process;
  private final String counted; // the beginning of the lines that count as work
  private final CountDownLatch ready = new CountDownLatch(1);
  private final CountDownLatch worked; // lines left to be said of its work
  private final Thread listener = new Thread(this::listen);

  /**
   * Starts one.
   *
   * @param store whose
   * @param number of the life, or {@link CutChild#DRAIN}
   * @param calm whether it makes topics and does nothing else
   * @param seed of what it does
   * @param lines that it must say of its work to have worked
   */
  CutLife(CutStore store, int number, boolean calm, long seed, int lines) throws IOException {
    this.store = store;
    this.counted = calm ? "MADE" : CutTopic.POWER.topicName() + " ";
    this.worked = new CountDownLatch(lines);
    long letters = store.judge(CutTopic.POWER).lettersEnd();
    this.process = CutChild.start(store.directory(), number, calm, seed, letters);
    listener.start();
  }

  private void listen() {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
      StringBuilder line = new StringBuilder(); // without its end it does not count
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (next == '\n') {
          line(line.toString());
          line.setLength(0);
        } else {
          line.append((char) next);
        }
      }
    } catch (IOException | RuntimeException e) {
      store.wrong("what it said cannot be read: " + e);
    } finally {
      while (worked.getCount() > 0) {
        worked.countDown(); // it says nothing more: it has ended
      }
    }
  }

  private void line(String line) {
    store.line(line);
    if (line.equals("READY")) {
      ready.countDown();
    } else if (ready.getCount() == 0 && line.startsWith(counted)) {
      worked.countDown();
    }
  }

  Process process() {
    return process;
  }

  /** Waits until it has said so much of its work, or has ended. */
  boolean hasWorked(int seconds) throws InterruptedException {
    return worked.await(seconds, TimeUnit.SECONDS);
  }

  boolean wasReady() {
    return ready.getCount() == 0;
  }

  /** Waits until all that it said was heard; it must be dead. */
  void join() throws InterruptedException {
    listener.join();
  }
}
