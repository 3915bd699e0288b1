package io.holdfast.engine;

import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.error.InvalidNameException;
import io.holdfast.storage.file.PropertiesFile;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How the configuration of a group and its patterns stand in its file {@code group.properties},
 * which is replaced as a whole.
 */
final class GroupConfigFile {
  static final String NAME = "group.properties";

  static final String ON_ERROR = "onError.";

  private static final String UNLIMITED = "unlimited";
  private static final String PATTERNS = "patterns";
  private static final String EXPIRE_AFTER = "expireAfter";

  private GroupConfigFile() {}

  static SortedMap<String, String> toProperties(GroupConfig config) {
    SortedMap<String, String> properties = new TreeMap<>();
    properties.put("ackTimeout", config.ackTimeout().toString());
    properties.put("maxProcessing", config.maxProcessing().toString());
    boolean unlimited = config.maxAttempts() == GroupConfig.UNLIMITED_ATTEMPTS;
    properties.put("maxAttempts", unlimited ? UNLIMITED : Integer.toString(config.maxAttempts()));
    properties.put(
        "backoff",
        config.backoff().steps().stream().map(Duration::toString).collect(Collectors.joining(",")));
    properties.put("backoffJitter", Double.toString(config.backoff().jitter()));
    properties.put("maxInFlight", Integer.toString(config.maxInFlight()));
    properties.put("maxRetrying", Integer.toString(config.maxRetrying()));
    properties.put("ordering", config.ordering().kind().name());
    properties.put("onPoison", config.ordering().onPoison().name());
    properties.put("lookahead", Integer.toString(config.ordering().lookahead()));
    properties.put("loadSharing", config.loadSharing().name());
    properties.put("maxRedrives", Integer.toString(config.maxRedrives()));
    config.expireAfter().ifPresent(time -> properties.put(EXPIRE_AFTER, time.toString()));
    config
        .errorRules()
        .forEach((type, rule) -> properties.put(ON_ERROR + type, rule.toString()));
    return properties;
  }

  static void write(Path file, GroupConfig config, SortedSet<TopicPattern> patterns) {
    SortedMap<String, String> properties = toProperties(config);
    if (!patterns.isEmpty()) {
      properties.put(
          PATTERNS, patterns.stream().map(TopicPattern::text).collect(Collectors.joining(",")));
    }
    PropertiesFile.write(file, properties);
  }

  /** What the file says. */
  record Content(GroupConfig config, SortedSet<TopicPattern> patterns) {}

  static Content read(Path file) {
    SortedMap<String, String> properties = PropertiesFile.read(file);
    return new Content(config(file, properties), patterns(file, properties));
  }

  private static SortedSet<TopicPattern> patterns(
      Path file, SortedMap<String, String> properties) {
    SortedSet<TopicPattern> patterns = new TreeSet<>();
    try {
      if (properties.containsKey(PATTERNS)) {
        for (String text : properties.get(PATTERNS).split(",", -1)) {
          patterns.add(TopicPattern.of(text));
        }
      }
      return patterns;
    } catch (InvalidNameException e) {
      throw new DamagedStoreException(file + ": " + e.getMessage(), e);
    }
  }

  private static GroupConfig config(Path file, SortedMap<String, String> properties) {
    try {
      GroupConfig.Builder config =
          GroupConfig.builder()
              .ackTimeout(Duration.parse(PropertiesFile.require(file, properties, "ackTimeout")))
              .maxProcessing(
                  Duration.parse(PropertiesFile.require(file, properties, "maxProcessing")))
              .backoff(backoff(file, properties))
              .maxInFlight(number(file, properties, "maxInFlight"))
              .maxRetrying(number(file, properties, "maxRetrying"));
      if (PropertiesFile.require(file, properties, "maxAttempts").equals(UNLIMITED)) {
        config.unlimitedAttempts();
      } else {
        config.maxAttempts(number(file, properties, "maxAttempts"));
      }
      readOrder(config, properties);
      if (properties.containsKey(EXPIRE_AFTER)) {
        config.expireAfter(Duration.parse(properties.get(EXPIRE_AFTER)));
      }
      properties.forEach(
          (key, value) -> {
            if (key.startsWith(ON_ERROR)) {
              config.onError(key.substring(ON_ERROR.length()), ErrorRule.parse(value));
            }
          });
      return config.build();
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new DamagedStoreException(file + ": " + e.getMessage(), e);
    }
  }

  /** What format 1 did not have and did not do. */
  private static void readOrder(
      GroupConfig.Builder config, SortedMap<String, String> properties) {
    GroupConfig usual = GroupConfig.defaults();
    Ordering none = usual.ordering();
    String sharing = properties.getOrDefault("loadSharing", usual.loadSharing().name());
    String redrives =
        properties.getOrDefault("maxRedrives", Integer.toString(usual.maxRedrives()));
    config
        .ordering(
            new Ordering(
                Ordering.Kind.valueOf(properties.getOrDefault("ordering", none.kind().name())),
                Ordering.OnPoison.valueOf(
                    properties.getOrDefault("onPoison", none.onPoison().name())),
                Integer.parseInt(
                    properties.getOrDefault("lookahead", Integer.toString(none.lookahead())))))
        .loadSharing(LoadSharing.valueOf(sharing))
        .maxRedrives(Integer.parseInt(redrives));
  }

  private static Backoff backoff(Path file, SortedMap<String, String> properties) {
    String all = PropertiesFile.require(file, properties, "backoff");
    String[] texts = all.split(",");
    if (texts.length == 0) {
      throw new IllegalArgumentException(
          "backoff: expected durations with commas between them, found '" + all + "'");
    }
    List<Duration> steps = Arrays.stream(texts).map(Duration::parse).toList();
    Duration[] more = steps.subList(1, steps.size()).toArray(Duration[]::new);
    String jitter = PropertiesFile.require(file, properties, "backoffJitter");
    return Backoff.of(steps.get(0), more).withJitter(Double.parseDouble(jitter));
  }

  private static int number(Path file, SortedMap<String, String> properties, String key) {
    return Integer.parseInt(PropertiesFile.require(file, properties, key));
  }
}
