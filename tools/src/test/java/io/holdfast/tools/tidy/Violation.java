package io.holdfast.tools.tidy;

/**
 * A place that breaks a rule.
 *
 * @param path of the file, from the root
 * @param line from 1
 * @param what is wrong there
 */
record Violation(String path, int line, String what) {
  @Override
  public String toString() {
    return "%s:%d: %s".formatted(path, line, what);
  }
}
