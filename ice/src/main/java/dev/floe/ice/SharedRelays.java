package dev.floe.ice;

import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnConfig;
import dev.floe.stun.turn.TurnServer;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The TURN allocations of a datagram channel that carries several ICE sessions: an allocation belongs to the channel's
 * 5-tuple (RFC 8656 §2.2), so there is one for each server, whoever uses it. Stands in that channel's pipeline, asks for
 * the allocations when the channel is active, and gives them back when it is removed. The sessions, each an
 * {@link IceHandler} on a channel of the same event loop, send over them by writing datagrams with a relayed address as
 * their sender into that pipeline, behind this handler.
 *
 * <p>On the channel's event loop.
 */
public final class SharedRelays extends ChannelInboundHandlerAdapter {

    private final List<TurnConfig> servers;
    private final Duration pacing;
    private final TurnRelays relays = new TurnRelays(new ToSessions());
    private final Map<TurnServer, TurnAllocation> allocations = new HashMap<>();
    private final Map<TurnServer, Throwable> failures = new HashMap<>();
    private final Set<Session> sessions = new LinkedHashSet<>();
    private final SharedMoves<Session> moves = new SharedMoves<>(relays::moved);
    private EventExecutor executor;
    private boolean isStarted;

    /**
     * Relays of the servers of this configuration.
     *
     * @param config of which the TURN servers and the pacing count
     */
    public SharedRelays(IceConfig config) {
        servers = config.turnServers().stream().map(config.turnConfig()).toList();
        pacing = config.pacing();
    }

    /** {@return the servers that the allocations are asked of} */
    public List<TurnServer> servers() {
        return servers.stream().map(TurnConfig::server).toList();
    }

    /** The part of one session in them. */
    Relays forSession(Relays.Listener listener) {
        return new Session(listener);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (ctx.channel().isActive()) {
            start(ctx);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        start(ctx);
        ctx.fireChannelActive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        relays.stop();
    }

    private void start(ChannelHandlerContext ctx) {
        if (!isStarted) {
            isStarted = true;
            executor = ctx.executor();
            relays.open(ctx, servers);
            relays.start(pacing);
        }
    }

    private void tell(Consumer<Relays.Listener> word) {
        List.copyOf(sessions).forEach(session -> word.accept(session.listener));
    }

    private final class ToSessions implements Relays.Listener {

        @Override
        public void allocated(TurnServer server, TurnAllocation allocation) {
            failures.remove(server);
            allocations.put(server, allocation);
            tell(session -> session.allocated(server, allocation));
        }

        @Override
        public void failed(TurnServer server, Throwable cause) {
            failures.put(server, cause);
            tell(session -> session.failed(server, cause));
        }

        @Override
        public void lost(TurnServer server, TurnAllocation allocation, Throwable cause) {
            allocations.remove(server);
            tell(session -> session.lost(server, allocation, cause));
        }

        @Override
        public void moved(TurnServer server, TurnAllocation allocation) {
            allocations.put(server, allocation);
            tell(session -> session.moved(server, allocation));
        }
    }

    private final class Session implements Relays {
        private final Relays.Listener listener;

        Session(Relays.Listener listener) {
            this.listener = listener;
        }

        @Override
        public void open(ChannelHandlerContext ice, List<TurnConfig> servers) {
            // They stand in the pipeline of the channel that all share.
        }

        @Override
        public void start(Duration pacing) {
            sessions.add(this);
            Map.copyOf(allocations).forEach(listener::allocated);
            Map.copyOf(failures).forEach(listener::failed);
        }

        @Override
        public void moved(Set<Class<? extends InetAddress>> families) {
            if (executor != null) {
                moves.seen(this, families, sessions, executor);
            }
        }

        @Override
        public void succeeded(InetSocketAddress base) {
            relays.succeeded(base);
        }

        @Override
        public void failed(InetSocketAddress base) {
            relays.failed(base);
        }

        @Override
        public void stop() {
            sessions.remove(this);
        }
    }
}
