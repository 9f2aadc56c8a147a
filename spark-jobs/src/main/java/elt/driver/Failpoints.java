package elt.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Breaks a driver at a named moment, for tests: {@code -Delt.failpoints="files-written=kill@2,commit-sent=delay:500"}.
 *
 * <p>{@code kill} is SIGKILL of this process, {@code error} looks like a broken connection, {@code delay:MS} waits; {@code @N}
 * means the N-th time only, otherwise each time. Without the property every call returns at once.
 */
public final class Failpoints {
  static final String PROPERTY = "elt.failpoints";

  private static final Pattern RULE = Pattern.compile("([a-z-]+)=(kill|error|delay:(\\d{1,9}))(?:@([1-9]\\d{0,8}))?");
  private static final long LOOK_EVERY_NANOS = 100_000;
  private static final Failpoints ACTIVE = parse(System.getProperty(PROPERTY));

  private final Map<Failpoint, Rule> rules = new EnumMap<>(Failpoint.class);

  private Failpoints() {}

  /** What happens at a moment. {@code time} 0: each time. */
  private record Rule(String action, long delayMs, int time, AtomicInteger reached) {
    boolean isDue() {
      return reached.incrementAndGet() == time || time == 0;
    }
  }

  /** The driver has come to this moment. */
  public static void reach(Failpoint point) {
    ACTIVE.at(point);
  }

  /**
   * The moment lies inside {@code call}: a kill comes while this thread waits in a method that is called {@code frame}, or else
   * right after the call; an error or a delay comes after it, so that its answer is lost or late.
   */
  public static void within(Failpoint point, String frame, Runnable call) {
    ACTIVE.during(point, frame, call);
  }

  /**
   * Reads the property's value; null for none.
   *
   * @throws DriverException {@code invalid-failpoints}
   */
  static Failpoints parse(String text) {
    Failpoints failpoints = new Failpoints();
    if (text != null) {
      Arrays.stream(text.split(",")).map(String::strip).filter(rule -> !rule.isEmpty()).forEach(failpoints::add);
    }
    return failpoints;
  }

  private void add(String text) {
    Matcher rule = RULE.matcher(text);
    Failpoint point =
        rule.matches()
            ? Arrays.stream(Failpoint.values()).filter(one -> one.word().equals(rule.group(1))).findAny().orElse(null)
            : null;
    if (point == null) {
      throw new DriverException(
          "invalid-failpoints",
          "%s: expected NAME=kill|error|delay:MS[@N] with one of the names %s, was \"%s\". Unset it: it is for tests"
              .formatted(
                  PROPERTY, Arrays.stream(Failpoint.values()).map(Failpoint::word).collect(Collectors.joining(", ")), text));
    }
    String action = rule.group(2).replaceFirst(":.*", "");
    long delayMs = rule.group(3) == null ? 0 : Long.parseLong(rule.group(3));
    int time = rule.group(4) == null ? 0 : Integer.parseInt(rule.group(4));
    rules.put(point, new Rule(action, delayMs, time, new AtomicInteger()));
  }

  void at(Failpoint point) {
    Rule rule = rules.get(point);
    if (rule != null && rule.isDue()) {
      act(point, rule);
    }
  }

  void during(Failpoint point, String frame, Runnable call) {
    Rule rule = rules.get(point);
    boolean isDue = rule != null && rule.isDue();
    if (isDue && rule.action().equals("kill")) {
      killWhenIn(frame, Thread.currentThread());
    }
    call.run();
    if (isDue) {
      act(point, rule);
    }
  }

  private static void act(Failpoint point, Rule rule) {
    switch (rule.action()) {
      case "kill" -> kill();
      case "error" -> throw new UncheckedIOException(new SocketException("Failpoint " + point.word()));
      default -> new StopSignal().await(rule.delayMs());
    }
  }

  private static void killWhenIn(String frame, Thread watched) {
    Thread watcher =
        new Thread(
            () -> {
              while (Arrays.stream(watched.getStackTrace()).noneMatch(one -> one.getMethodName().equals(frame))) {
                LockSupport.parkNanos(LOOK_EVERY_NANOS);
              }
              kill();
            },
            "failpoint");
    watcher.setDaemon(true);
    watcher.start();
  }

  /** SIGKILL: no shutdown hook runs. The JVM has no call for this to itself. */
  private static void kill() {
    try {
      new ProcessBuilder("sh", "-c", "kill -KILL " + ProcessHandle.current().pid()).start().waitFor();
      new StopSignal().await(Long.MAX_VALUE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
