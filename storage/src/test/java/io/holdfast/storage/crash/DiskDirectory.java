package io.holdfast.storage.crash;

import java.util.HashMap;
import java.util.Map;

/**
 * A directory: the names that processes see, and those that the device has. Guarded by the lock of
 * its {@link Disk}. Listings come in no order, as a real one's do.
 */
final class DiskDirectory extends DiskNode {
  private final Map<String, DiskNode> names = new HashMap<>();
  private final Map<String, DiskNode> onDevice = new HashMap<>();

  Map<String, DiskNode> names() {
    return names;
  }

  Map<String, DiskNode> onDevice() {
    return onDevice;
  }
}
