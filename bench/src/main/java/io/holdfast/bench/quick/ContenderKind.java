package io.holdfast.bench.quick;

import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;

/** Who is measured, and how it is set up. */
enum ContenderKind {
  /** Holdfast; what was read is freed. */
  OURS("ours"),
  /** Holdfast; everything is kept. */
  OURS_KEEP("ours, keeps all"),
  /** Chronicle Queue as its documentation sets it up. */
  CHRONICLE("Chronicle"),
  /** The same, with microTouch in idle time. */
  CHRONICLE_TOUCH("Chronicle + microTouch"),
  /** What the hardware allows. */
  FLOOR("floor");

  /** Compiled with the profile {@code peers} only, so it is named and not linked. */
  private static final String PEER = "io.holdfast.bench.quick.ChronicleContender";

  private final String text;

  ContenderKind(String text) {
    this.text = text;
  }

  /** Whether it needs the class path of the peers. */
  boolean isPeer() {
    return this == CHRONICLE || this == CHRONICLE_TOUCH;
  }

  /**
   * Opens it.
   *
   * @param directory that is empty
   * @param floorBytes that the floor prepares before anything is measured
   */
  Contender open(Path directory, long floorBytes) {
    return switch (this) {
      case OURS -> new OursContender(directory, true);
      case OURS_KEEP -> new OursContender(directory, false);
      case CHRONICLE -> openPeer(directory, false);
      case CHRONICLE_TOUCH -> openPeer(directory, true);
      case FLOOR -> new FloorContender(directory, floorBytes);
    };
  }

  private static Contender openPeer(Path directory, boolean touches) {
    try {
      return (Contender)
          Class.forName(PEER)
              .getDeclaredConstructor(Path.class, boolean.class)
              .newInstance(directory, touches);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("the peer cannot be opened: " + e.getCause(), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "the peer is not on the class path; build with the profile peers", e);
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
