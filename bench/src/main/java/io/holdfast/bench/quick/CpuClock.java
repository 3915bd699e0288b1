package io.holdfast.bench.quick;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The CPU time that this JVM has used, all threads together. */
final class CpuClock {
  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /** Nanoseconds since the JVM's start. */
  long nanos() {
    return system.getProcessCpuTime();
  }
}
