package elt.driver;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.function.LongSupplier;

/**
 * Where datagrams go. A driver lives for weeks, and a container that starts anew has another address: the name is looked up every minute,
 * and every second while it is not known.
 */
final class StatsdTarget {
  /** Looks a name up; takes as long as the name server does. */
  interface Resolver {
    InetAddress resolve(String host) throws UnknownHostException;
  }

  private static final long KNOWN_FOR_MS = 60_000;
  private static final long UNKNOWN_FOR_MS = 1_000;

  private final String host;
  private final int port;
  private final Resolver resolver;
  private final LongSupplier nowMs;
  private InetSocketAddress address;
  private long askAgainAtMs = Long.MIN_VALUE;

  /**
   * @param target {@code host:port}
   * @throws IllegalArgumentException for anything else
   */
  StatsdTarget(String target, Resolver resolver, LongSupplier nowMs) {
    int colon = target.lastIndexOf(':');
    this.host = target.substring(0, Math.max(colon, 0)).replaceAll("[\\[\\]]", "");
    this.port = Integer.parseInt(target.substring(colon + 1));
    InetSocketAddress.createUnresolved(host, port);
    this.resolver = resolver;
    this.nowMs = nowMs;
  }

  /** The address as it is known now; the last one while the name server does not answer, null before its first answer. */
  InetSocketAddress address() {
    if (nowMs.getAsLong() >= askAgainAtMs) {
      lookUp();
    }
    return address;
  }

  private void lookUp() {
    try {
      address = new InetSocketAddress(resolver.resolve(host), port);
    } catch (UnknownHostException unknownNow) {
      // The last address may still be right.
    }
    askAgainAtMs = nowMs.getAsLong() + (address == null ? UNKNOWN_FOR_MS : KNOWN_FOR_MS);
  }
}
