package io.holdfast.engine.group;

/**
 * Knows which threads are in a user's code that the engine has called: a handler, a send callback,
 * a listener. What such a thread waits for may wait for it in turn, so a send there never waits for
 * room.
 */
public final class EngineThreads {
  private static final ThreadLocal<EngineThreads> CURRENT =
      ThreadLocal.withInitial(EngineThreads::new);

  private int depth; // calls that this thread is in

  private EngineThreads() {}

  /** The engine is about to call a user's code; to be ended by {@link #leave}. */
  public static void enter() {
    CURRENT.get().depth++;
  }

  /** The call has come back. */
  public static void leave() {
    CURRENT.get().depth--;
  }

  /**
   * Whether the engine has called what runs on this thread.
   *
   * @return true between {@link #enter} and {@link #leave}
   */
  public static boolean isCurrent() {
    return CURRENT.get().depth > 0;
  }
}
