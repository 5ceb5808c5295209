package dev.floe.signaling;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session's way to its servers: one connection at a time, and another one when that is lost, as long as there is
 * patience for it. Confined to the session's event loop.
 */
final class ClientLink {

    private static final Logger log = LoggerFactory.getLogger(ClientLink.class);

    // An interface that comes up is several changes: one more attempt for all that come within this time.
    private static final long MIN_RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final ClientSession session;
    private final List<ServerUri> servers;
    private final EventLoop loop;
    private final ClientConnector connector;
    private final Backoff backoff;
    private ClientConnection connection;
    private Future<?> retry;
    private Future<?> reconnecting;
    private long lastReconnect = System.nanoTime() - MIN_RECONNECT_NANOS;
    private int attempts;
    private boolean hasJoined;
    private boolean isOnline;
    private boolean isOver;

    ClientLink(ClientSession session, List<ServerUri> servers, SignalingClientConfig config, EventLoop loop) {
        this.session = session;
        this.servers = servers;
        this.loop = loop;
        connector = new ClientConnector(loop, config);
        backoff = new Backoff(config.reconnectTimeout(), System::nanoTime, ThreadLocalRandom.current());
        retry = loop.newSucceededFuture(null);
        reconnecting = retry;
    }

    /** Makes a connection, in the place of the one that is there. */
    void connect() {
        if (isOver) {
            return;
        }
        isOnline = false;
        retry.cancel(false);
        if (connection != null) {
            connection.abandon();
        }
        ServerUri server = servers.get(attempts++ % servers.size());
        connection = new ClientConnection(this, session, server);
        connector.connect(connection, session.target(server));
    }

    /** As {@link #connect}, whatever is tried or waited for just now, but only a few times a second. */
    void reconnect() {
        if (reconnecting.isDone()) {
            long wait = MIN_RECONNECT_NANOS - (System.nanoTime() - lastReconnect);
            reconnecting = loop.schedule(this::reconnectNow, Math.max(0, wait), TimeUnit.NANOSECONDS);
        }
    }

    /** The connection is of use from now on. */
    void join() {
        isOnline = true;
        hasJoined = true;
        connection.settled();
        backoff.succeeded();
    }

    /** Whether what is sent now goes out now. */
    boolean isOnline() {
        return isOnline;
    }

    void send(String text) {
        connection.say(text);
    }

    /** Gives up the connection alone. */
    void lose(SignalingException cause) {
        connection.fail(cause);
    }

    /** Tries for ever from now on, once it has been of use. */
    void persist() {
        backoff.persist();
    }

    /** Closes it for good, with a farewell if there is anybody to hear it. */
    Future<?> leave() {
        if (!isOnline) {
            abandon();
            return loop.newSucceededFuture(null);
        }
        isOver = true;
        isOnline = false;
        return connection.leave();
    }

    /** Ends it for good. */
    void abandon() {
        isOver = true;
        isOnline = false;
        retry.cancel(false);
        reconnecting.cancel(false);
        connection.abandon();
    }

    /** A connection has ended by itself. */
    void lost(ClientConnection from, SignalingException cause) {
        if (from != connection || isOver) {
            return;
        }
        isOnline = false;
        connector.doubt(from.server());
        OptionalLong delay = hasJoined ? backoff.nextDelayMillis() : OptionalLong.empty();
        if (delay.isPresent()) {
            log.debug("reconnecting in {} ms: {}", delay.getAsLong(), cause.getMessage());
            retry = loop.schedule(this::connect, delay.getAsLong(), TimeUnit.MILLISECONDS);
        } else {
            session.fail(cause);
        }
    }

    private void reconnectNow() {
        lastReconnect = System.nanoTime();
        backoff.hurry();
        connect();
    }
}
