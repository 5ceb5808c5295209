package dev.floe.signaling;

import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import dev.floe.signaling.wire.KeepAliveHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.URI;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's stay at a server, over as many connections as it takes: what rooms and the relay have in common. Confined
 * to its event loop but for the methods that say otherwise.
 */
abstract class ClientSession {

    private static final Logger log = LoggerFactory.getLogger(ClientSession.class);

    private final List<ServerUri> servers;
    private final SignalingClientConfig config;
    private final Consumer<SignalMessage> listener;
    private final EventLoop loop;
    private final ClientConnector connector;
    private final Backoff backoff;
    private final Promise<Void> joined;
    private final Promise<Void> closed;
    private final LongAdder dropped = new LongAdder();
    private volatile Promise<Void> peerLeft;
    private ClientConnection connection;
    private boolean isOnline;
    private int attempts;
    private boolean hasPeer;
    private ClientExchange exchange;
    private Runnable waiting;
    private SignalingException end;

    /** @param listener hears of every message, on the event loop */
    ClientSession(
            List<ServerUri> servers, SignalingClientConfig config, Consumer<SignalMessage> listener, EventLoop loop) {
        this.servers = servers;
        this.config = config;
        this.listener = listener;
        this.loop = loop;
        connector = new ClientConnector(loop, config);
        backoff = new Backoff(config.reconnectTimeout(), System::nanoTime, ThreadLocalRandom.current());
        joined = loop.newPromise();
        closed = loop.newPromise();
        peerLeft = loop.newPromise();
    }

    /** Where the next connection goes. */
    abstract URI target(ServerUri server);

    /** A WebSocket is open. */
    abstract void opened();

    /** Something was said. */
    abstract void heard(String text);

    /** An exchange begins. */
    abstract void begin(ClientExchange exchange);

    /** Begins an exchange that trickles; any thread. */
    abstract TrickleExchange.Session trickle(IceDescription local, TrickleExchange.Candidates theirs);

    /** Says one message; any thread. */
    abstract void say(SignalMessage message);

    /** The connection is about to be closed from here. */
    abstract void sayBye();

    /** Connects for the first time; any thread. */
    final void start() {
        loop.execute(this::connect);
    }

    /** Any thread. */
    final Future<Void> joined() {
        return joined;
    }

    /** Any thread. */
    final Future<Void> closed() {
        return closed;
    }

    /** Any thread. */
    final Future<Void> peerLeft() {
        return peerLeft;
    }

    /** Any thread. */
    final long dropped() {
        return dropped.sum();
    }

    /** Any thread. */
    final Future<IceDescription> exchange(IceDescription local) {
        return start(new ClientExchange(local, loop.newPromise(), null));
    }

    /** Any thread. */
    final Future<IceDescription> start(ClientExchange next) {
        loop.execute(() -> startInLoop(next));
        return next.remote();
    }

    /** Any thread. */
    final void reconnect() {
        loop.execute(() -> {
            if (end == null && isOnline) {
                again();
            }
        });
    }

    /** Any thread. */
    final void close() {
        loop.execute(() -> {
            if (end == null) {
                end = ConnectionFailures.closedHere(servers.get(0));
                peerLeft.cancel(false);
                if (exchange != null) {
                    exchange.remote().cancel(false);
                }
                if (isOnline) {
                    sayBye();
                    connection.leave().addListener(done -> closed.trySuccess(null));
                } else {
                    connection.abandon();
                    closed.trySuccess(null);
                }
            }
        });
    }

    /** Gives it up. */
    final void fail(SignalingException cause) {
        if (end == null) {
            end = cause;
            isOnline = false;
            connection.abandon();
            joined.tryFailure(cause);
            peerLeft.tryFailure(cause);
            closed.tryFailure(cause);
            if (exchange != null) {
                exchange.remote().tryFailure(cause);
            }
        }
    }

    /** A connection has ended; then there is another one, as long as there is patience for it. */
    final void lost(ClientConnection from, SignalingException cause) {
        if (from != connection || end != null) {
            return;
        }
        isOnline = false;
        OptionalLong delay = joined.isSuccess() ? backoff.nextDelayMillis() : OptionalLong.empty();
        if (delay.isPresent()) {
            log.debug("reconnecting in {} ms: {}", delay.getAsLong(), cause.getMessage());
            loop.schedule(this::connect, delay.getAsLong(), TimeUnit.MILLISECONDS);
        } else {
            fail(cause);
        }
    }

    final EventLoop loop() {
        return loop;
    }

    final KeepAliveHandler keepAlive() {
        return new KeepAliveHandler(config.pingInterval(), config.idleTimeout());
    }

    /** Whether what is said now goes out now. */
    final boolean isOnline() {
        return isOnline;
    }

    final void send(String text) {
        connection.say(text);
    }

    /** The connection is of use from now on. */
    final void join() {
        isOnline = true;
        connection.settled();
        backoff.succeeded();
        joined.trySuccess(null);
    }

    /** Gives up the connection, not the session. */
    final void lose(SignalingException cause) {
        connection.fail(cause);
    }

    /** Connects again at once. */
    final void again() {
        isOnline = false;
        connection.abandon();
        connect();
    }

    final void tell(SignalMessage message) {
        listener.accept(message);
    }

    final void drop(String what) {
        dropped.increment();
        log.debug("dropped from signaling server {}: {}", connection.server(), what);
    }

    final boolean isExchanging() {
        return exchange != null && !exchange.remote().isDone();
    }

    /** The exchange that was begun last. */
    final ClientExchange exchange() {
        return exchange;
    }

    /** Does what needs an exchange under way: now, or when one begins; then only the latest such thing is done. */
    final void whenExchanging(Runnable action) {
        if (isExchanging()) {
            action.run();
        } else {
            waiting = action;
        }
    }

    final void complete(IceDescription remote) {
        hasPeer = true;
        if (peerLeft.isDone()) {
            peerLeft = loop.newPromise();
        }
        exchange.remote().trySuccess(remote);
    }

    final void failExchange(SignalingException cause) {
        exchange.remote().tryFailure(cause);
    }

    /** The other side has gone, and with it what it said. */
    final void peerGone() {
        waiting = null;
        if (hasPeer) {
            hasPeer = false;
            peerLeft.trySuccess(null);
        }
    }

    private void connect() {
        if (end == null) {
            ServerUri server = servers.get(attempts++ % servers.size());
            connection = new ClientConnection(this, server);
            connector.connect(connection, target(server));
        }
    }

    private void startInLoop(ClientExchange next) {
        if (end != null) {
            next.remote().tryFailure(end);
        } else if (isExchanging()) {
            next.remote().tryFailure(new IllegalStateException("an exchange is under way already"));
        } else {
            Runnable action = waiting;
            waiting = null;
            exchange = next;
            begin(next);
            if (action != null) {
                whenExchanging(action);
            }
        }
    }
}
