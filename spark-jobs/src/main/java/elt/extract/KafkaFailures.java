package elt.extract;

import elt.driver.DriverException;
import elt.driver.OutageException;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;

/** What Kafka's exceptions mean for a run: wait, or stop with a message. */
final class KafkaFailures {
  static final String UNREACHABLE = "kafka-unreachable";

  private KafkaFailures() {}

  /**
   * Asks Kafka something.
   *
   * @throws OutageException when no broker answers
   * @throws DriverException when asking again would not help
   */
  static <T> T ask(String bootstrapServers, Supplier<T> question) {
    try {
      return question.get();
    } catch (AuthenticationException | AuthorizationException e) {
      throw refused(bootstrapServers, e.getMessage(), e);
    } catch (RetriableException e) {
      throw new OutageException(
          UNREACHABLE, "Kafka at %s does not answer: %s".formatted(bootstrapServers, e.getMessage()), e);
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      throw new DriverException(
          UNREACHABLE, "Kafka at %s cannot be used: %s".formatted(bootstrapServers, causes(e)), e);
    }
  }

  static DriverException refused(String bootstrapServers, String why, Throwable cause) {
    return new DriverException(
        UNREACHABLE,
        "Kafka at %s refuses access: %s. Check the ELT_KAFKA_… variables of the Spark workers"
            .formatted(bootstrapServers, why),
        cause);
  }

  private static String causes(Throwable e) {
    return e.getCause() == null ? e.getMessage() : e.getMessage() + ": " + causes(e.getCause());
  }
}
