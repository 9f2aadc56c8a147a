package elt.extract;

import elt.driver.DriverException;

/** Kafka or the lakehouse cannot be reached right now: wait and try again. */
final class OutageException extends DriverException {
  OutageException(String code, String message, Throwable cause) {
    super(code, message, cause);
  }
}
