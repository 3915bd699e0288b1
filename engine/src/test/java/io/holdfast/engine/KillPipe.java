package io.holdfast.engine;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What a process says, which tells when it has said enough, or has ended. One thread reads. */
final class KillPipe extends FilterInputStream {
  private final CountDownLatch enough = new CountDownLatch(1);
  private long left; // the reader's

  KillPipe(InputStream in, long bytes) {
    super(in);
    this.left = bytes;
  }

  @Override
  public int read() throws IOException {
    int next = super.read();
    count(next < 0 ? -1 : 1);
    return next;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    int done = super.read(into, from, length);
    count(done);
    return done;
  }

  private void count(int done) {
    left -= done;
    if (done < 0 || left < 0) {
      enough.countDown();
    }
  }

  /** Waits until enough was said, or that long. */
  void awaitEnough(long millis) throws InterruptedException {
    if (!enough.await(millis, TimeUnit.MILLISECONDS)) {
      enough.countDown(); // it may have nothing more to say, as where deliveries are left out
    }
  }
}
