package io.holdfast.bench.quick;

import java.nio.file.Path;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;
import net.openhft.chronicle.queue.util.MicroTouched;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Chronicle Queue as its own pages set it up for throughput and low latency.
 *
 * <ul>
 *   <li>One appender a thread, made by that thread: README.adoc of OpenHFT/Chronicle-Queue,
 *       "Writing To a Queue", and docs/FAQ.adoc.
 *   <li>{@code writingDocument} and {@code readingDocument} with raw bytes: README.adoc, "Low-level
 *       APIs"; nothing is encoded and nothing copied by the reader.
 *   <li>Blocks of 64 MiB, the default on Linux, and a daily roll, so that no run meets one:
 *       docs/antora/modules/configuration/pages/block-size.adoc and roll-cycle.adoc.
 *   <li>{@code microTouch} by the appender's thread when nothing is due:
 *       net.openhft.chronicle.queue.util.MicroTouched, the open source form of the pretoucher of
 *       docs/antora/modules/performance/pages/pretouching.adoc.
 *   <li>A named tailer, which goes on behind a restart where it stood: README.adoc, "Restartable
 *       tailers"; it stores its index with each document that was read.
 * </ul>
 */
final class ChronicleContender implements Contender {
  private static final String TAILER = "group";
  private static final long BLOCK_BYTES = 64L << 20;

  private final SingleChronicleQueue queue;
  private final ContenderKind kind;

  ChronicleContender(Path directory, ContenderKind kind) {
    this.kind = kind;
    queue =
        SingleChronicleQueueBuilder.binary(directory.resolve("chronicle"))
            .rollCycle(LegacyRollCycles.DAILY)
            .blockSize(BLOCK_BYTES)
            .build();
  }

  @Override
  public Producer producer() {
    return new Appender(queue.createAppender(), kind == ContenderKind.CHRONICLE_TOUCH);
  }

  @Override
  public Consumer consumer() {
    boolean named = kind == ContenderKind.CHRONICLE_NAMED;
    return new Tailer(named ? queue.createTailer(TAILER) : queue.createTailer());
  }

  @Override
  public void close() {
    queue.close();
  }

  /** Writes one document a message. */
  private static final class Appender implements Producer {
    private final ExcerptAppender appender;
    private final MicroTouched touched;

    Appender(ExcerptAppender appender, boolean touches) {
      this.appender = appender;
      this.touched = touches ? (MicroTouched) appender : null;
    }

    @Override
    public void append(byte[] payload) {
      try (DocumentContext document = appender.writingDocument()) {
        document.wire().bytes().write(payload);
      }
    }

    @Override
    public void idle() {
      if (touched != null) {
        touched.microTouch();
      }
    }

    @Override
    public void close() {
      appender.close();
    }
  }

  /** Reads one document a message, where it stands in the map. */
  private static final class Tailer implements Consumer {
    private final ExcerptTailer tailer;
    private final UnsafeBuffer view = new UnsafeBuffer(new byte[0]);

    Tailer(ExcerptTailer tailer) {
      this.tailer = tailer;
    }

    @Override
    public int poll(Handler handler, int limit) {
      int handled = 0;
      while (handled < limit) {
        try (DocumentContext document = tailer.readingDocument()) {
          if (!document.isPresent()) {
            return handled;
          }
          Bytes<?> bytes = document.wire().bytes();
          int length = (int) bytes.readRemaining();
          view.wrap(bytes.addressForRead(bytes.readPosition()), length);
          handler.onMessage(view, 0, length);
          handled++;
        }
      }
      return handled;
    }

    @Override
    public void close() {
      tailer.close();
    }
  }
}
