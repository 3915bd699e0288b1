package io.holdfast.tools;

import io.holdfast.storage.format.FileHeader;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: this release, the format that it writes, the JVM. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {
      "holdfast " + (version == null ? "(not from a jar)" : version),
      "format " + FileHeader.VERSION,
      "java " + System.getProperty("java.version"),
    };
  }
}
