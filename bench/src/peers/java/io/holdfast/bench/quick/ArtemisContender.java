package io.holdfast.bench.quick;

import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.ServerLocator;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;

/**
 * Artemis in this JVM, through its core client, with durable messages that are acked one by one and
 * no sync: as its own pages say it is fastest.
 *
 * <ul>
 *   <li>In-VM acceptor and connector: docs/user-manual/embedding-activemq.adoc.
 *   <li>{@code journalSyncTransactional}, {@code journalSyncNonTransactional} and {@code
 *       journalDatasync} are false: docs/user-manual/persistence.adoc and perf-tuning.adoc.
 *   <li>Neither a durable send nor an ack waits for an answer: perf-tuning.adoc.
 *   <li>A consumer's buffer without a bound, for one that is fast: flow-control.adoc.
 * </ul>
 */
final class ArtemisContender implements Contender {
  private static final String QUEUE = "quick";
  private static final String URL = "vm://0";
  private static final int ALWAYS_FULL_ENOUGH = 100; // percent: other files do not stop the run

  private final EmbeddedActiveMQ server = new EmbeddedActiveMQ();
  private final ServerLocator locator;
  private final ClientSessionFactory factory;

  ArtemisContender(Path directory, ContenderKind kind) throws Exception {
    server.setConfiguration(configuration(directory.resolve(kind.name())));
    server.start();
    locator =
        ActiveMQClient.createServerLocator(URL)
            .setBlockOnDurableSend(false)
            .setBlockOnNonDurableSend(false)
            .setBlockOnAcknowledge(false)
            .setConsumerWindowSize(-1);
    factory = locator.createSessionFactory();
    try (ClientSession session = session()) {
      session.createQueue(
          QueueConfiguration.of(QUEUE).setRoutingType(RoutingType.ANYCAST).setDurable(true));
    }
  }

  private static Configuration configuration(Path directory) throws Exception {
    return new ConfigurationImpl()
        .setPersistenceEnabled(true)
        .setJournalType(JournalType.MAPPED)
        .setJournalDatasync(false)
        .setJournalSyncTransactional(false)
        .setJournalSyncNonTransactional(false)
        .setJournalDirectory(directory.resolve("journal").toString())
        .setBindingsDirectory(directory.resolve("bindings").toString())
        .setPagingDirectory(directory.resolve("paging").toString())
        .setLargeMessagesDirectory(directory.resolve("large").toString())
        .setMaxDiskUsage(ALWAYS_FULL_ENOUGH)
        .setSecurityEnabled(false)
        .setJMXManagementEnabled(false)
        .addAcceptorConfiguration("in-vm", URL);
  }

  private ClientSession session() throws ActiveMQException {
    return factory.createSession(true, true, 0);
  }

  @Override
  public Producer producer() {
    try {
      ClientSession session = session();
      return new Sender(session, session.createProducer(QUEUE));
    } catch (ActiveMQException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Consumer consumer() {
    try {
      ClientSession session = session();
      ClientConsumer consumer = session.createConsumer(QUEUE);
      session.start();
      return new Receiver(session, consumer);
    } catch (ActiveMQException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    locator.close();
    try {
      server.stop();
    } catch (Exception e) { // as it declares it
      throw new IllegalStateException(e);
    }
  }

  /** Sends one durable message at a time. */
  private static final class Sender implements Producer {
    private final ClientSession session;
    private final ClientProducer producer;

    Sender(ClientSession session, ClientProducer producer) {
      this.session = session;
      this.producer = producer;
    }

    @Override
    public void append(byte[] payload) {
      try {
        ClientMessage message = session.createMessage(true);
        message.getBodyBuffer().writeBytes(payload);
        producer.send(message);
      } catch (ActiveMQException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      try {
        session.close();
      } catch (ActiveMQException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Acks each message by itself. */
  private static final class Receiver implements Consumer {
    private final ClientSession session;
    private final ClientConsumer consumer;
    private final UnsafeBuffer view = new UnsafeBuffer(new byte[0]);

    Receiver(ClientSession session, ClientConsumer consumer) {
      this.session = session;
      this.consumer = consumer;
    }

    @Override
    public int poll(Handler handler, int limit) {
      try {
        int handled = 0;
        while (handled < limit) {
          ClientMessage message = consumer.receiveImmediate();
          if (message == null) {
            return handled;
          }
          byte[] payload = new byte[message.getBodySize()];
          message.getBodyBuffer().readBytes(payload);
          view.wrap(payload);
          handler.onMessage(view, 0, payload.length);
          message.individualAcknowledge();
          handled++;
        }
        return handled;
      } catch (ActiveMQException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      try {
        session.close();
      } catch (ActiveMQException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
