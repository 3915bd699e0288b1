package io.holdfast.storage.check;

import io.holdfast.storage.file.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/** The names of segment and index files, and the list of those that a topic has. */
public final class SegmentFiles {
  private static final String LOG = ".log";
  private static final String INDEX = ".idx";
  private static final int DIGITS = 10;

  private SegmentFiles() {}

  /**
   * The file of a segment.
   *
   * @param topic directory of the topic
   * @param number of the segment, from 1
   * @return such as {@code 0000000001.log}
   */
  public static Path log(Path topic, long number) {
    return topic.resolve("%010d".formatted(number) + LOG);
  }

  /**
   * The index file of a segment.
   *
   * @param topic directory of the topic
   * @param number of the segment, from 1
   * @return such as {@code 0000000001.idx}
   */
  public static Path index(Path topic, long number) {
    return topic.resolve("%010d".formatted(number) + INDEX);
  }

  /**
   * Where a salvage makes new segments.
   *
   * @param topic directory of the topic
   * @return a directory that exists during a salvage only
   */
  public static Path salvage(Path topic) {
    return topic.resolve("salvage");
  }

  /**
   * The file that says that a salvage was decided on; while it exists the topic stays shut.
   *
   * @param topic directory of the topic
   * @return in the directory of the salvage
   */
  public static Path salvagePlan(Path topic) {
    return salvage(topic).resolve("plan");
  }

  /**
   * The segments that a topic has.
   *
   * @param topic directory of the topic
   * @return file by number, ascending
   */
  public static SortedMap<Long, Path> list(Path topic) {
    return list(topic, LOG);
  }

  /**
   * The index files that a topic has, of segments that are there or not.
   *
   * @param topic directory of the topic
   * @return file by number of the segment, ascending
   */
  public static SortedMap<Long, Path> indexes(Path topic) {
    return list(topic, INDEX);
  }

  private static SortedMap<Long, Path> list(Path topic, String ending) {
    SortedMap<Long, Path> found = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(topic, "*" + ending)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        String digits = name.substring(0, name.length() - ending.length());
        if (digits.length() == DIGITS && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
          found.put(Long.parseLong(digits), file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw DurableFiles.failure(topic, "cannot be listed", io(e));
    }
    return found;
  }

  private static IOException io(Exception e) {
    return e instanceof DirectoryIteratorException d ? d.getCause() : (IOException) e;
  }
}
