package dev.floe.ice;

import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnClientHandler;
import dev.floe.stun.turn.TurnConfig;
import dev.floe.stun.turn.TurnEvent;
import dev.floe.stun.turn.TurnServer;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The TURN clients that stand first in the pipeline of an {@link IceHandler}: put there when gathering starts, taken away
 * when the session ends. On the event loop.
 */
final class TurnRelays implements Relays {

    // Time enough for an answer, and for a request to be sent three times.
    private static final long DOUBT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Listener listener;
    private final List<Relay> relays = new ArrayList<>();

    TurnRelays(Listener listener) {
        this.listener = listener;
    }

    @Override
    public void open(ChannelHandlerContext ice, List<TurnConfig> servers) {
        for (TurnConfig server : servers) {
            Relay relay = new Relay(ice, server);
            ice.pipeline().addFirst(relay.client, relay);
            relays.add(relay);
        }
    }

    @Override
    public void start(Duration pacing) {
        long delayNanos = 0;
        for (Relay relay : relays) {
            if (relay.allocation == null) {
                relay.ice.executor().schedule(relay::allocate, delayNanos, TimeUnit.NANOSECONDS);
                delayNanos += pacing.toNanos();
            } else {
                listener.allocated(relay.server, relay.allocation);
            }
        }
    }

    @Override
    public void moved(Set<Class<? extends InetAddress>> families) {
        relays.stream().filter(relay -> relay.isReachedOver(families)).forEach(Relay::moved);
    }

    @Override
    public void succeeded(InetSocketAddress base) {
        relays.stream().filter(relay -> relay.owns(base)).forEach(relay -> relay.isProven = true);
    }

    @Override
    public void failed(InetSocketAddress base) {
        relays.stream().filter(relay -> relay.isProven && relay.owns(base)).forEach(Relay::doubt);
    }

    @Override
    public void stop() {
        relays.forEach(Relay::remove);
        relays.clear();
    }

    /** Stands behind its client, so that it knows whose events it sees; handlers behind ICE get them as well. */
    private final class Relay extends ChannelInboundHandlerAdapter {
        private final ChannelHandlerContext ice;
        private final TurnServer server;
        private final TurnClientHandler client;
        private TurnAllocation allocation;
        private boolean isSettled;
        private boolean isProven;
        private long doubtedNanos = System.nanoTime() - DOUBT_NANOS;
        private boolean isRemoved;

        Relay(ChannelHandlerContext ice, TurnConfig config) {
            this.ice = ice;
            server = config.server();
            client = new TurnClientHandler(config);
        }

        void allocate() {
            if (!isRemoved) {
                isSettled = false;
                client.allocate().addListener(allocated -> {
                    if (!allocated.isSuccess()) {
                        failed(allocated.cause());
                    }
                });
            }
        }

        boolean isReachedOver(Set<Class<? extends InetAddress>> families) {
            return allocation == null
                    || families.contains(allocation.server().getAddress().getClass());
        }

        boolean owns(InetSocketAddress relayed) {
            return allocation != null && allocation.relayed().contains(relayed);
        }

        void moved() {
            client.moved();
            if (allocation == null && isSettled) {
                allocate();
            }
        }

        void doubt() {
            long now = System.nanoTime();
            if (now - doubtedNanos >= DOUBT_NANOS) {
                doubtedNanos = now;
                client.verify();
            }
        }

        void remove() {
            isRemoved = true;
            // When the channel closes, its pipeline may have taken them away already.
            if (ice.pipeline().context(client) != null) {
                ice.pipeline().remove(client);
            }
            if (ice.pipeline().context(this) != null) {
                ice.pipeline().remove(this);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (!(event instanceof TurnEvent turnEvent)) {
                ctx.fireUserEventTriggered(event);
                return;
            }
            if (turnEvent instanceof TurnEvent.Allocated allocated) {
                isSettled = true;
                isProven = false;
                allocation = allocated.allocation();
                listener.allocated(server, allocated.allocation());
            } else if (turnEvent instanceof TurnEvent.AllocationLost lost) {
                isSettled = false;
                allocation = null;
                listener.lost(server, lost.allocation(), lost.cause());
            } else if (turnEvent instanceof TurnEvent.AllocationMoved moved) {
                allocation = moved.allocation();
                listener.moved(server, moved.allocation());
            } else if (turnEvent instanceof TurnEvent.AllocationFailed failure) {
                failed(failure.cause());
            }
            if (!ice.isRemoved()) {
                ice.fireUserEventTriggered(event);
            }
        }

        // A failure is an event and the outcome of the future; a look-up that fails is the latter alone.
        private void failed(Throwable cause) {
            if (!isSettled && !isRemoved) {
                isSettled = true;
                listener.failed(server, cause);
            }
        }
    }
}
