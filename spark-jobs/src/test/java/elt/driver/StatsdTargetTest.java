package elt.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class StatsdTargetTest {
  /** What the name server says; null: it knows no such name. */
  private String known;

  private int asked;
  private long nowMs = 5;
  private final StatsdTarget target = new StatsdTarget("statsd:8125", this::resolve, () -> nowMs);

  private InetAddress resolve(String host) throws UnknownHostException {
    assertEquals("statsd", host);
    asked++;
    if (known == null) {
      throw new UnknownHostException(host);
    }
    return InetAddress.getByName(known);
  }

  @Test
  void aNameThatIsNotKnownAtTheStartIsLookedUpAgain() {
    assertNull(target.address());
    nowMs += 999;
    assertNull(target.address());
    assertEquals(1, asked);
    known = "127.0.0.7";
    nowMs += 1;
    assertEquals("/127.0.0.7:8125", target.address().toString());
  }

  @Test
  void aNewAddressIsFoundWithinAMinute() {
    known = "127.0.0.7";
    target.address();
    known = "127.0.0.8";
    nowMs += 59_999;
    assertEquals("/127.0.0.7:8125", target.address().toString());
    assertEquals(1, asked);
    nowMs += 1;
    assertEquals("/127.0.0.8:8125", target.address().toString());
  }

  @Test
  void whileTheNameServerIsDownTheLastAddressIsUsed() {
    known = "127.0.0.7";
    target.address();
    known = null;
    nowMs += 60_000;
    assertEquals("/127.0.0.7:8125", target.address().toString());
  }

  @Test
  void whatIsNoAddressIsRefused() {
    for (String text : new String[] {"nonsense", "[::1]:99999", "statsd:", "statsd:x"}) {
      assertThrows(IllegalArgumentException.class, () -> new StatsdTarget(text, this::resolve, () -> nowMs), text);
    }
  }
}
