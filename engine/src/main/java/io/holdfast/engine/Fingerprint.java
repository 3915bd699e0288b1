package io.holdfast.engine;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A fingerprint is a short name for a cause of death that is the same for each message that died of
 * it, in every process and on every JVM.
 *
 * <p>It stands on the class of the error, on its message without what differs from one message to
 * the next (numbers, hexadecimal ids, UUIDs), and on the first {@value #FRAMES} frames of each
 * error of the chain, as class and method. Line numbers are left out, because they change with each
 * build, and frames of the JDK, because they change with it.
 */
final class Fingerprint {
  private static final int FRAMES = 3;
  private static final int BYTES = 6; // 48 bits: a thousand causes meet once in 500 million stores

  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Pattern HEX =
      Pattern.compile("0[xX][0-9a-fA-F]+|@[0-9a-f]+\\b|\\b(?=[a-fA-F]*[0-9])[0-9a-fA-F]{8,}\\b");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+(?:[.,][0-9]+)*");

  private Fingerprint() {}

  /**
   * Returns the fingerprint of a dead letter.
   *
   * @param errorClass class of the error
   * @param message of the error, or empty
   * @param stack as it stands in a dead letter, or empty
   * @return 12 hexadecimal digits
   */
  static String of(String errorClass, String message, String stack) {
    StringBuilder text = new StringBuilder(errorClass).append('\n').append(withoutIds(message));
    int left = FRAMES;
    for (String line : stack.split("\n")) {
      if (line.startsWith("Caused by: ")) {
        left = FRAMES;
        text.append('\n').append(line, 0, endOfClass(line));
      } else if (line.startsWith("\tat ") && left > 0) {
        String method = method(line);
        if (!isOfJdk(method)) {
          text.append('\n').append(method);
          left--;
        }
      }
    }
    byte[] hash = sha256().digest(text.toString().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash, 0, BYTES);
  }

  /** Returns a text with one sign for each number and id in it. */
  static String withoutIds(String text) {
    String without = UUID.matcher(text).replaceAll("#");
    without = HEX.matcher(without).replaceAll("#");
    return NUMBER.matcher(without).replaceAll("#");
  }

  private static int endOfClass(String causedBy) {
    int end = causedBy.indexOf(':', "Caused by: ".length());
    return end < 0 ? causedBy.length() : end;
  }

  /** Returns class and method of a frame, without loader, module, file and line. */
  private static String method(String line) {
    int end = line.indexOf('(');
    String place = end < 0 ? line : line.substring(0, end);
    int begin = Math.max(place.lastIndexOf('/') + 1, "\tat ".length());
    // The numbers of lambdas, proxies and generated accessors depend on the run.
    return NUMBER.matcher(place.substring(begin)).replaceAll("#");
  }

  private static boolean isOfJdk(String method) {
    return method.startsWith("java.")
        || method.startsWith("javax.")
        || method.startsWith("jdk.")
        || method.startsWith("sun.");
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
