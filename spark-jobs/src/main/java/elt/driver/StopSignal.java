package elt.driver;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The request to stop. Installed for SIGTERM and SIGINT it replaces the JVM's own handlers, so no JVM shutdown begins
 * and Spark's shutdown hook cannot stop the context under a commit; the driver ends by itself when the flag is set.
 */
public final class StopSignal {
  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch urgent = new CountDownLatch(2);

  /** A signal that only {@link #request()} sets: for tests and embedding. */
  public StopSignal() {}

  /** A signal set by SIGTERM or SIGINT. */
  public static StopSignal install() {
    StopSignal signal = new StopSignal();
    signal.handle("TERM");
    signal.handle("INT");
    return signal;
  }

  /** Asks the driver to stop; asked again, not to finish what it has in hand. */
  public void request() {
    requested.countDown();
    urgent.countDown();
  }

  /** True once stop was asked for. */
  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /** True once stop was asked for twice. */
  public boolean isUrgent() {
    return urgent.getCount() == 0;
  }

  /** Waits up to {@code millis} for the request; true when stop was asked for. */
  public boolean await(long millis) {
    try {
      return requested.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // Nobody interrupts a driver but somebody who wants it to end.
      Thread.currentThread().interrupt();
      request();
      return true;
    }
  }

  /** {@code sun.misc.Signal} by reflection: javac warns of it in a way that cannot be suppressed under --release. */
  private void handle(String name) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object onSignal =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, args) -> {
                if (method.getName().equals("handle")) {
                  request();
                  return null;
                }
                return method.getName().equals("equals") ? (Object) (proxy == args[0]) : "elt stop signal".hashCode();
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), onSignal);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("SIG" + name + " cannot be handled on this JVM", e);
    }
  }
}
