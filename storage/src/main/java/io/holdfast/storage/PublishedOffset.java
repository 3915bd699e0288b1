package io.holdfast.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * An offset that one thread at a time publishes and others spin on. It stands alone in its cache
 * lines, so that who reads it does not slow down what the writer keeps beside it. The padding
 * is the LMAX Disruptor's: fields of a superclass come first.
 */
final class PublishedOffset extends PublishedOffsetRight {
  private static final VarHandle VALUE = value();

  PublishedOffset(long first) {
    VALUE.setRelease(this, first);
  }

  private static VarHandle value() {
    try {
      return MethodHandles.lookup()
          .findVarHandle(PublishedOffsetValue.class, "value", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Everything that was written before {@link #publish} of this value is visible. */
  long get() {
    return (long) VALUE.getAcquire(this);
  }

  /** Only by whoever holds the right to: no fence is needed but the release. */
  void publish(long offset) {
    VALUE.setRelease(this, offset);
  }

  /** By anybody: the value never goes down. */
  void raise(long offset) {
    long now = get();
    while (now < offset && !VALUE.compareAndSet(this, now, offset)) {
      now = get();
    }
  }
}

/** Padding before the value. */
abstract class PublishedOffsetLeft {
  long left1;
  long left2;
  long left3;
  long left4;
  long left5;
  long left6;
  long left7;
}

/** The value. */
abstract class PublishedOffsetValue extends PublishedOffsetLeft {
  long value; // written with release or compare-and-set, read with acquire
}

/** Padding behind the value. */
abstract class PublishedOffsetRight extends PublishedOffsetValue {
  long right1;
  long right2;
  long right3;
  long right4;
  long right5;
  long right6;
  long right7;
}
