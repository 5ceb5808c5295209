package dev.floe.ice;

import dev.floe.ice.agent.GatherPlan;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a session sends from: the channel's own socket and, for the addresses that it does not send from, others beside
 * it; kept up with the machine's network from the first gathering on.
 *
 * <p>An outage is no change: it may be over before consent has expired, and only then is there something to go on with.
 * Of changes that follow each other fast a few are told at once and then one a second.
 *
 * <p>On the event loop, but for {@link #find} and {@link #look}.
 */
final class LocalBases {

    /** What the session is told. */
    interface Listener {

        /**
         * {@link #hosts} gives something else now, or the same by other ways.
         *
         * @param moved the address families to which the channel's own socket sends by another way
         */
        void changed(Set<Class<? extends InetAddress>> moved);

        /** Nothing that was sent from the address has been answered. */
        void silent(InetAddress address);
    }

    private static final Logger log = LoggerFactory.getLogger(LocalBases.class);

    private static final List<Class<? extends InetAddress>> FAMILIES = List.of(Inet4Address.class, Inet6Address.class);

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int BURST = 8;

    private final IceConfig config;
    private final NetworkWatch watch;
    private final Listener listener;
    private final Consumer<HostNetwork> follower = this::compare;
    private final LocalSockets sockets;

    private ChannelHandlerContext ctx;
    private InetSocketAddress own;
    private HostAddresses current = HostAddresses.NONE;
    private HostAddresses latest = HostAddresses.NONE;
    private long paidNanos;
    private boolean isOutage;
    private boolean isWaiting;
    private boolean isStopped;
    private volatile List<InetSocketAddress> servers = List.of();
    private volatile HostAddresses seen = HostAddresses.NONE;

    LocalBases(IceConfig config, NetworkWatch watch, Listener listener) {
        this.config = config;
        this.watch = watch;
        this.listener = listener;
        sockets = new LocalSockets(new LocalSockets.Listener() {
            @Override
            public void opening(Channel socket) {
                config.socketInitializer().accept(socket);
            }

            @Override
            public void sendFailed() {
                watch.look();
            }

            @Override
            public void silent(InetAddress address) {
                listener.silent(address);
            }
        });
    }

    /**
     * The addresses that there are now. Blocks for as long as a few system calls.
     *
     * @param bound that of the channel's own socket
     * @param servers where it is going to send to, besides to the other side
     */
    HostAddresses find(InetAddress bound, List<InetSocketAddress> servers) {
        return HostAddresses.of(config, bound, servers, sockets.addresses(), new NetworkLook(watch.network()));
    }

    /**
     * Takes what was found as what there is, opens the sockets that it takes, and follows the network from now on.
     *
     * @param ctx of a channel that is bound
     * @return completes when {@link #hosts} is right
     */
    Future<?> start(ChannelHandlerContext ctx, List<InetSocketAddress> servers, HostAddresses found) {
        this.servers = servers;
        if (own != null) {
            // A restart: what has changed meanwhile is a move like any other.
            seen = found;
            follow(found);
            return sockets.keep(current.others());
        }
        this.ctx = ctx;
        own = (InetSocketAddress) ctx.channel().localAddress();
        paidNanos = System.nanoTime();
        ctx.pipeline().addFirst(sockets);
        current = found;
        latest = found;
        seen = found;
        return sockets.keep(found.others()).addListener(kept -> {
            if (!isStopped) {
                watch.add(follower);
            }
        });
    }

    /** What to gather from, best first; nothing if only relays may be used. */
    List<GatherPlan.Host> hosts() {
        return config.addressPolicy() == AddressPolicy.RELAY_ONLY
                ? List.of()
                : Stream.concat(
                                current.main().stream()
                                        .map(address -> new GatherPlan.Host(
                                                new InetSocketAddress(address, own.getPort()), own)),
                                sockets.bases().stream().map(base -> new GatherPlan.Host(base, base)))
                        .toList();
    }

    /** Looks at the network now. Callable from any thread. */
    void look() {
        watch.look();
    }

    /** Closes the sockets beside the channel's own and hears of no change any more. */
    void stop() {
        isStopped = true;
        watch.remove(follower);
        // When the channel closes, its pipeline may have taken them away already.
        if (own != null && ctx.pipeline().context(sockets) != null) {
            ctx.pipeline().remove(sockets);
        }
    }

    /** On the watch's thread. */
    private void compare(HostNetwork network) {
        HostAddresses found = HostAddresses.of(config, own.getAddress(), servers, sockets.addresses(), network);
        if (!found.equals(seen) || !sockets.addresses().containsAll(found.others())) {
            seen = found;
            try {
                ctx.executor().execute(() -> follow(found));
            } catch (RejectedExecutionException e) {
                watch.remove(follower);
            }
        }
    }

    private void follow(HostAddresses found) {
        latest = found;
        isOutage |= found.isOutageSince(current);
        if (!isWaiting) {
            isWaiting = true;
            long delayNanos = takeTurn(System.nanoTime());
            if (delayNanos <= 0) {
                catchUp();
            } else {
                ctx.executor().schedule(this::catchUp, delayNanos, TimeUnit.NANOSECONDS);
            }
        }
    }

    private void catchUp() {
        isWaiting = false;
        boolean isSame = latest.equals(current) && sockets.addresses().containsAll(latest.others());
        if (isStopped || latest.isOutageSince(current) || (isSame && !isOutage)) {
            return;
        }
        Set<Class<? extends InetAddress>> moved = new LinkedHashSet<>(FAMILIES);
        moved.removeIf(family -> !isOutage && !latest.isMovedSince(current, family));
        log.debug("{}: from {} to {}, moved {}", ctx.channel(), current, latest, moved);
        isOutage = false;
        current = latest;
        sockets.keep(current.others()).addListener(kept -> {
            if (!isStopped) {
                listener.changed(moved);
            }
        });
    }

    /** For how long the next change has to wait. */
    private long takeTurn(long nowNanos) {
        paidNanos = Math.max(paidNanos - nowNanos, 0) + nowNanos + INTERVAL_NANOS;
        return paidNanos - nowNanos - BURST * INTERVAL_NANOS;
    }
}
