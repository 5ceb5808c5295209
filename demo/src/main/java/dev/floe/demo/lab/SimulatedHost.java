package dev.floe.demo.lab;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A host of a {@link SimulatedInternet}, and the NAT before it. A peer is on it that is bound to its address and has each
 * socket attached:
 *
 * <pre>{@code
 * SimulatedHost host = internet.host(NatKind.FULL_CONE);
 * PeerConfig config = PeerConfig.builder(group, identity)
 *         .stunServers(List.of(internet.stunServer(group)))
 *         .bindAddress(host.bindAddress())
 *         .ice(settings -> settings.socketInitializer(host::attach))
 *         .build();
 * }</pre>
 */
public final class SimulatedHost {

    private final SimulatedInternet internet;
    private final NatKind kind;
    private final InetAddress inside;
    private final InetAddress outside;
    private final Consumer<Channel> outerSocketInitializer;
    private final List<SimulatedNat> nats = new CopyOnWriteArrayList<>();

    /**
     * A host at a place of the caller's choice.
     *
     * @param inside what channels have to be bound to; without a NAT the same as {@code outside}
     * @param outside what the internet sees
     * @param outerSocketInitializer is given each socket on the outer side of the NAT, on its event loop or before it has
     *     one
     */
    public SimulatedHost(
            SimulatedInternet internet,
            NatKind kind,
            InetAddress inside,
            InetAddress outside,
            Consumer<Channel> outerSocketInitializer) {
        this.internet = internet;
        this.kind = kind;
        this.inside = inside;
        this.outside = outside;
        this.outerSocketInitializer = outerSocketInitializer;
    }

    /** Where to bind a channel of this host, on any port. */
    public InetSocketAddress bindAddress() {
        return new InetSocketAddress(inside, 0);
    }

    /** The address under which the internet sees this host. */
    public InetAddress outside() {
        return outside;
    }

    /** Connects a channel to the internet; on its event loop, before it sends anything and after other first handlers. */
    public void attach(Channel channel) {
        if (kind == NatKind.NONE) {
            channel.pipeline().addFirst(internet.link());
        } else {
            SimulatedNat nat = new SimulatedNat(kind, outside, internet::link, outerSocketInitializer);
            nats.add(nat);
            channel.closeFuture().addListener(closed -> nats.remove(nat));
            channel.pipeline().addFirst(nat);
        }
    }

    /**
     * Gives the host other ports on the internet and takes those away that it had, with all that was under way to them;
     * any thread. It takes a NAT.
     */
    public void move() {
        nats.forEach(SimulatedNat::move);
    }
}
