package io.holdfast.storage.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A reason why a file system cannot keep what a store promises. File systems are known by the name
 * of their type; of one that is not known here nothing is said.
 */
public enum FileSystemDoubt {
  /** Another machine may write beside this one, and its word on what is forced counts. */
  NETWORK(
      "is reached over a network: the lock may not keep another machine out, and a force may not "
          + "mean that a device has it",
      Set.of(
          "9p", "afs", "afpfs", "ceph", "cifs", "glusterfs", "gpfs", "lustre", "nfs", "nfs4",
          "smb2", "smb3", "smbfs", "vboxsf", "webdav", "fuse.ceph", "fuse.glusterfs", "fuse.sshfs",
          "fuse.s3fs", "fuse.rclone")),
  /** A store to mapped memory needs new room each time. */
  COPY_ON_WRITE(
      "writes each changed page to a new place: on a full disk a store to mapped memory fails "
          + "there, where an error can stop the process, and not at the making of a file",
      Set.of("bcachefs", "btrfs", "zfs", "nilfs2"));

  private final String reason;
  private final Set<String> types;

  FileSystemDoubt(String reason, Set<String> types) {
    this.reason = reason;
    this.types = types;
  }

  /**
   * What is to be said of the place of a store. Only advice: an opening does not fail over it.
   *
   * @param directory exists
   * @return a sentence that names the directory and its file system; empty when nothing is known
   *     against it
   */
  public static Optional<String> of(Path directory) {
    String type;
    try {
      type = Files.getFileStore(directory).type();
    } catch (IOException e) { // as in a container that does not show its mounts
      return Optional.of(directory + ": its file system cannot be known: " + e.getMessage());
    }
    return ofType(type)
        .map(
            doubt ->
                "%s: this %s file system %s; expected a local one that writes in place, such as "
                        .formatted(directory, type, doubt.reason)
                    + "ext4 or XFS");
  }

  static Optional<FileSystemDoubt> ofType(String type) {
    for (FileSystemDoubt doubt : values()) {
      if (doubt.types.contains(type.toLowerCase(Locale.ROOT))) {
        return Optional.of(doubt);
      }
    }
    return Optional.empty();
  }
}
