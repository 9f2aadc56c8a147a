package elt.driver;

/** Kafka or the lakehouse cannot be reached right now: {@link Outages} waits and tries again. */
public class OutageException extends DriverException {
  /** An outage with its code, {@code kafka-unreachable} or {@code lakehouse-unreachable}, and what led to it, or null. */
  public OutageException(String code, String message, Throwable cause) {
    super(code, message, cause);
  }
}
