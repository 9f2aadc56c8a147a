package elt.driver;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/**
 * Which failures are outages that may pass by themselves: connections refused, reset or timed out, servers that answer
 * 5xx or "slow down". Clients are recognised by class name, because their libraries are not all on the compile path and
 * Iceberg's bundles shade some of them.
 */
final class OutageKinds {
  private static final Set<String> OUTAGES =
      Set.of(
          "TTransportException", // Thrift to the metastore: connection refused, reset, end of stream
          "RuntimeMetaException", // Iceberg: failed to connect to the metastore
          "ServiceUnavailableException",
          "ServiceFailureException",
          "ApiCallTimeoutException",
          "ApiCallAttemptTimeoutException",
          "NoHttpResponseException",
          "WaitingForLockException",
          "CommitFailedException"); // Iceberg: lost a race for the next metadata version again and again

  private OutageKinds() {}

  static boolean isOutage(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
      if (isOutageItself(cause)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOutageItself(Throwable cause) {
    return cause instanceof ConnectException
        || cause instanceof NoRouteToHostException
        || cause instanceof SocketException
        || cause instanceof SocketTimeoutException
        || cause instanceof UnknownHostException
        || cause instanceof TimeoutException
        || OUTAGES.contains(cause.getClass().getSimpleName())
        || isRetriableInKafka(cause)
        || isMetastoreGone(cause)
        || isServerErrorOfAws(cause);
  }

  /** The metastore's reconnecting client has the network failure in its message only, never as its cause. */
  private static boolean isMetastoreGone(Throwable cause) {
    return cause.getClass().getSimpleName().equals("MetaException")
        && String.valueOf(cause.getMessage()).contains("TTransportException");
  }

  /** The code of a failure that nobody foresaw: which of the outside things failed, or {@code internal}. */
  static String code(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
      if (isRetriableInKafka(cause)) {
        return "kafka-unreachable";
      }
      if (isOutageItself(cause) || cause.getClass().getName().startsWith("software.amazon.awssdk.")) {
        return "lakehouse-unreachable";
      }
    }
    return "internal";
  }

  /** {@code org.apache.kafka.common.errors.RetriableException} covers timeouts, disconnects and missing leaders. */
  private static boolean isRetriableInKafka(Throwable cause) {
    for (Class<?> type = cause.getClass(); type != null; type = type.getSuperclass()) {
      if (type.getName().equals("org.apache.kafka.common.errors.RetriableException")) {
        return true;
      }
    }
    return false;
  }

  /** The SDK's client exceptions wrap their network cause; a service exception tells its HTTP status. */
  private static boolean isServerErrorOfAws(Throwable cause) {
    try {
      Object status = cause.getClass().getMethod("statusCode").invoke(cause);
      return status instanceof Integer code && (code >= 500 || code == 429);
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /** One line: the outermost message and, when it says more, the innermost. */
  static String describe(Throwable failure) {
    Throwable root = failure;
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    while (root.getCause() != null && seen.add(root)) {
      root = root.getCause();
    }
    String outer = oneLine(failure);
    String inner = oneLine(root);
    return (outer.contains(inner) ? outer : outer + " (" + inner + ")") + ".";
  }

  private static String oneLine(Throwable failure) {
    String message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    String line = message.lines().findFirst().orElse(failure.getClass().getSimpleName()).strip();
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }
}
