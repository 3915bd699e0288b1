package io.holdfast.bench.quick;

import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;

/** Who is measured, and how it is set up. */
enum ContenderKind {
  /** Holdfast; what was read is freed. */
  OURS("ours"),
  /** Holdfast; everything is kept. */
  OURS_KEEP("ours, keeps all"),
  /** Holdfast with a producer and a group, each message acked. */
  QUEUE("ours, each acked"),
  /** Chronicle Queue as its documentation sets it up. */
  CHRONICLE("Chronicle"),
  /** The same, with microTouch in idle time. */
  CHRONICLE_TOUCH("Chronicle + microTouch"),
  /** The same, read with a named tailer, which keeps its place in the queue and acks nothing. */
  CHRONICLE_NAMED("Chronicle named tailer"),
  /** Artemis in this JVM, with durable messages, individual acks and no sync. */
  ARTEMIS("Artemis"),
  /** What the hardware allows. */
  FLOOR("floor");

  /** Compiled with the profile {@code peers} only, so they are named and not linked. */
  private static final String PEERS = "io.holdfast.bench.quick.";

  private final String text;

  ContenderKind(String text) {
    this.text = text;
  }

  /** Whether it needs the class path of the peers. */
  boolean isPeer() {
    return switch (this) {
      case CHRONICLE, CHRONICLE_TOUCH, CHRONICLE_NAMED, ARTEMIS -> true;
      default -> false;
    };
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
      case QUEUE -> new QueueContender(directory);
      case CHRONICLE, CHRONICLE_TOUCH, CHRONICLE_NAMED ->
          openPeer("ChronicleContender", directory);
      case ARTEMIS -> openPeer("ArtemisContender", directory);
      case FLOOR -> new FloorContender(directory, floorBytes);
    };
  }

  private Contender openPeer(String name, Path directory) {
    try {
      return (Contender)
          Class.forName(PEERS + name)
              .getDeclaredConstructor(Path.class, ContenderKind.class)
              .newInstance(directory, this);
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
