package elt.driver;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/** Microseconds since 1970 as ISO-8601 in UTC with six fraction digits, which people and Trino read alike. */
public final class Micros {
  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private Micros() {}

  /** For example {@code 2026-11-22T16:30:00.123456Z}; null stays null. */
  public static String iso(Long micros) {
    return micros == null ? null : ISO.format(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
  }

  /** The inverse of {@link #iso}. */
  public static Long parse(String iso) {
    return iso == null ? null : ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(iso));
  }
}
