package elt.driver;

/** A broken precondition or an outage with a stable, kebab-case code that ends up in the {@code end} event. */
public class DriverException extends RuntimeException {
  private final String code;

  /** A failure known by its code, with a message that says what, which value, what was expected, what to run next. */
  public DriverException(String code, String message) {
    this(code, message, null);
  }

  /** As above, with the failure that led to it. */
  public DriverException(String code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** The stable code, for example {@code topic-recreated}. */
  public String code() {
    return code;
  }
}
