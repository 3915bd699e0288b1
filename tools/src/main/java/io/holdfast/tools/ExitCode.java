package io.holdfast.tools;

import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.FormatVersionException;
import io.holdfast.storage.error.InvalidNameException;
import io.holdfast.storage.error.JvmFlagsException;
import io.holdfast.storage.error.NotAStoreException;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.error.StoreInUseException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The exit codes of every command. */
final class ExitCode {
  /** All is well. */
  static final int FINE = 0;

  /** There is a problem in the data, or a check failed. */
  static final int PROBLEM = 1;

  /** The command line makes no sense. */
  static final int USAGE = 2;

  /** A store or a file cannot be opened. */
  static final int CANNOT_OPEN = 3;

  /** Somebody interrupted the command. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}

  static int of(Throwable error) {
    if (error instanceof HoldfastInterruptedException) {
      return INTERRUPTED;
    }
    if (error instanceof InvalidNameException || error instanceof IllegalArgumentException) {
      return USAGE;
    }
    boolean cannotOpen =
        error instanceof NotAStoreException
            || error instanceof StoreInUseException
            || error instanceof FormatVersionException
            || error instanceof DamagedStoreException
            || error instanceof JvmFlagsException
            || error instanceof NotFoundException
            || error instanceof StorageIoException && !(error instanceof DiskFullException)
            || error instanceof IOException
            || error instanceof UncheckedIOException;
    return cannotOpen ? CANNOT_OPEN : PROBLEM;
  }
}
