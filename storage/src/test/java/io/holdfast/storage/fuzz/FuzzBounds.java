package io.holdfast.storage.fuzz;

import com.sun.management.ThreadMXBean;
import io.holdfast.storage.error.HoldfastException;
import java.lang.management.ManagementFactory;

/**
 * What a target may do with any input: return, or throw one of our exceptions, which says
 * something; and not ask for more memory than files of 64 KiB give reason to.
 */
public final class FuzzBounds {
  private static final long MOST_BYTES = 16L << 20;

  private FuzzBounds() {}

  /** Work on the bytes of an input. */
  public interface Work {
    /**
     * Does it.
     *
     * @throws Exception when the harness itself is wrong
     */
    void run() throws Exception;
  }

  /**
   * Does the work within its bounds.
   *
   * @param work on bytes that may hold anything
   */
  public static void run(Work work) {
    run(work, MOST_BYTES);
  }

  /**
   * Does work that reads more than one file within its bounds.
   *
   * @param work on bytes that may hold anything
   * @param mostBytes of memory that it may ask for, all in all
   */
  public static void run(Work work, long mostBytes) {
    long bytes = bytesOf(work);
    if (System.getProperty(FuzzMix.TARGETS) != null) {
      return; // the fuzzer's hooks ask for memory on this thread too: its small heap is the bound
    }
    if (bytes > mostBytes) {
      bytes = bytesOf(work); // the first time it may be classes that are loaded
    }
    if (bytes > mostBytes) {
      throw new AssertionError("asked for %,d bytes of memory".formatted(bytes));
    }
  }

  private static long bytesOf(Work work) {
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadAllocatedBytes();
    try {
      work.run();
    } catch (HoldfastException e) {
      if (e.getMessage() == null || e.getMessage().isBlank()) {
        throw new AssertionError("an exception that says nothing", e);
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return thread.getCurrentThreadAllocatedBytes() - before;
  }
}
