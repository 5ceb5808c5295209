package dev.floe.signaling;

import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import dev.floe.signaling.wire.KeepAliveHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.URI;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
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

    private final ServerUri server;
    private final SignalingClientConfig config;
    private final Consumer<SignalMessage> listener;
    private final EventLoop loop;
    private final ClientLink link;
    private final Promise<Void> joined;
    private final Promise<Void> closed;
    private final LongAdder dropped = new LongAdder();
    private volatile Promise<Void> peerLeft;
    private boolean hasFoundPeer;
    private boolean hasPeer;
    private ClientExchange exchange;
    private Runnable waiting;
    private SignalingException end;

    /** @param listener hears of every message, on the event loop */
    ClientSession(
            List<ServerUri> servers, SignalingClientConfig config, Consumer<SignalMessage> listener, EventLoop loop) {
        this.config = config;
        this.listener = listener;
        this.loop = loop;
        server = servers.get(0);
        link = new ClientLink(this, servers, config, loop);
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

    /** Exchanges that trickle, and that a password is to vouch for; any thread. */
    abstract TrickleExchange trickle(PakeRole role, String password);

    /** Says one message; any thread. */
    abstract void say(SignalMessage message);

    /** The connection is about to be closed from here. */
    abstract void sayBye();

    /** Connects for the first time; any thread. */
    final void start() {
        loop.execute(link::connect);
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
        return start(new ClientExchange(local, loop.newPromise(), null, null));
    }

    /** Any thread. */
    final Future<IceDescription> start(ClientExchange next) {
        loop.execute(() -> startInLoop(next));
        return next.remote();
    }

    /** Any thread. */
    final void reconnect() {
        inLoop(() -> {
            if (end == null) {
                link.reconnect();
            }
        });
    }

    /** Any thread. */
    final void close() {
        loop.execute(() -> {
            if (end == null) {
                end = ConnectionFailures.closedHere(server);
                peerLeft.cancel(false);
                if (exchange != null) {
                    exchange.remote().cancel(false);
                }
                sayBye();
                link.leave().addListener(done -> closed.trySuccess(null));
            }
        });
    }

    /** Gives it up. */
    final void fail(SignalingException cause) {
        if (end == null) {
            end = cause;
            link.abandon();
            joined.tryFailure(cause);
            peerLeft.tryFailure(cause);
            closed.tryFailure(cause);
            if (exchange != null) {
                exchange.remote().tryFailure(cause);
            }
        }
    }

    final EventLoop loop() {
        return loop;
    }

    /** Any thread; to no avail once the event loop has ended. */
    final void inLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("too late for signaling: its event loop has ended");
        }
    }

    final KeepAliveHandler keepAlive() {
        return new KeepAliveHandler(config.pingInterval(), config.idleTimeout());
    }

    final ClientLink link() {
        return link;
    }

    /** The connection is of use from now on. */
    final void join() {
        link.join();
        joined.trySuccess(null);
    }

    final void tell(SignalMessage message) {
        listener.accept(message);
    }

    final void drop(String what) {
        dropped.increment();
        log.debug("dropped from signaling server {}: {}", server, what);
    }

    /** Whether an exchange has ever been completed: two peers that know each other may need this session to the end. */
    final boolean hasFoundPeer() {
        return hasFoundPeer;
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
        hasFoundPeer = true;
        link.persist();
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
