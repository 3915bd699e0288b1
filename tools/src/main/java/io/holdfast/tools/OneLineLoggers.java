package io.holdfast.tools;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.text.MessageFormat;
import java.util.ResourceBundle;

/**
 * Where the library's warnings go when it runs in the command line: to its stderr, a line each, and
 * never a stack trace. The JDK finds it as a service.
 */
public final class OneLineLoggers extends System.LoggerFinder {
  private final PrintStream err =
      new PrintStream(new FileOutputStream(FileDescriptor.err), true);

  /** The JDK makes it. */
  public OneLineLoggers() {
    // Nothing to set up.
  }

  @Override
  public System.Logger getLogger(String name, Module module) {
    return new OneLine(name, err);
  }

  /** One logger; thread-safe, as its stream is. */
  private record OneLine(String name, PrintStream err) implements System.Logger {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean isLoggable(Level level) {
      return level.getSeverity() >= Level.WARNING.getSeverity() && level != Level.OFF;
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
      if (isLoggable(level)) {
        String cause = thrown == null ? "" : ": " + thrown.getMessage();
        err.println("holdfast: " + Text.safe(message + cause));
      }
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... params) {
      boolean plain = params == null || params.length == 0;
      log(level, bundle, plain ? format : MessageFormat.format(format, params), (Throwable) null);
    }
  }
}
