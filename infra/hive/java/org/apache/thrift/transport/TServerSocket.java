package org.apache.thrift.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;

/**
 * Stands in front of libthrift's class of the same name so that the Hive Metastore listens on one address.
 *
 * <p>Hive Metastore 3.1.3 has no setting for its bind address: it always asks for the wildcard address. Placed first on
 * the class path, this class binds to the address in the system property {@code elt.bind.host} instead.
 */
public class TServerSocket extends TServerTransport {
  private ServerSocket serverSocket;

  /** Binds to the port of {@code asked} on the address of {@code elt.bind.host}; without the property, to {@code asked}. */
  public TServerSocket(InetSocketAddress asked) throws TTransportException {
    try {
      String host = System.getProperty("elt.bind.host");
      serverSocket = new ServerSocket();
      serverSocket.setReuseAddress(true);
      serverSocket.bind(
          host == null ? asked : new InetSocketAddress(InetAddress.getByName(host), asked.getPort()));
    } catch (IOException e) {
      close();
      throw new TTransportException("Could not create ServerSocket on address " + asked + ": " + e.getMessage(), e);
    }
  }

  public TServerSocket(ServerSocket serverSocket) {
    this.serverSocket = serverSocket;
  }

  @Override
  public void listen() throws TTransportException {
    // A blocking accept, as in libthrift.
    try {
      serverSocket.setSoTimeout(0);
    } catch (SocketException e) {
      throw new TTransportException(e);
    }
  }

  @Override
  protected TSocket acceptImpl() throws TTransportException {
    if (serverSocket == null) {
      throw new TTransportException(TTransportException.NOT_OPEN, "No underlying server socket.");
    }
    try {
      return new TSocket(serverSocket.accept());
    } catch (IOException e) {
      throw new TTransportException(e);
    }
  }

  @Override
  public void close() {
    if (serverSocket != null) {
      try {
        serverSocket.close();
      } catch (IOException e) {
        // Nothing listens any more either way.
      }
      serverSocket = null;
    }
  }

  @Override
  public void interrupt() {
    close();
  }

  public ServerSocket getServerSocket() {
    return serverSocket;
  }
}
