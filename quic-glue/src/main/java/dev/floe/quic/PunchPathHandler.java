package dev.floe.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The path layer under the QUIC codec for one attempt at hole punching, before it is known which way is the one: each way
 * over which a handshake may come has a synthetic address of its own in QUIC's eyes. {@link IcePathHandler} takes over
 * when one of them has been completed.
 *
 * <p>The ways that a client dials are the only ones that it hears. A server hears those who dial it: it keeps a place for
 * each address that the other side has named, and some more, since a NAT may give that side another port. How much goes to
 * whom has not been heard yet is bounded, and so is what anybody can make a server do.
 */
final class PunchPathHandler extends ChannelDuplexHandler {

    /** For those who dial a server from addresses that were not named; whoever comes then is not heard. */
    static final int MAX_STRANGERS = 8;

    /** How many first packets of a handshake a server takes from one address: more than a client sends that is heard. */
    static final int MAX_INITIALS = 16;

    /** How many datagrams go to an address that was named, and from which nothing of QUIC has come yet. */
    static final int MAX_UNHEARD = 12;

    /** How often random bytes have what was sent there sent again; the rest is for QUIC's own probe timeouts. */
    private static final int MAX_REPETITIONS = 2;

    private static final InetAddress SYNTHETIC = IcePathHandler.REMOTE_ADDRESS.getAddress();

    private final boolean isServer;
    private final Runnable onHeardElsewhere;
    private final Set<InetSocketAddress> expected = new HashSet<>();
    private final Map<InetSocketAddress, Way> byRemote = new LinkedHashMap<>();
    private final Map<InetSocketAddress, Way> bySynthetic = new LinkedHashMap<>();
    private int strangers;
    private long dropped;

    /** From where to where QUIC really goes, in place of a synthetic address. */
    static final class Way {
        private final InetSocketAddress synthetic;
        private final InetSocketAddress remote;
        private final RecentDatagrams recent = new RecentDatagrams();
        private InetSocketAddress base;
        private boolean isHeard;
        private int unheard;
        private int repetitions;
        private int initials;

        Way(InetSocketAddress synthetic, InetSocketAddress remote, InetSocketAddress base) {
            this.synthetic = synthetic;
            this.remote = remote;
            this.base = base;
        }

        InetSocketAddress synthetic() {
            return synthetic;
        }

        InetSocketAddress remote() {
            return remote;
        }

        InetSocketAddress base() {
            return base;
        }
    }

    private PunchPathHandler(boolean isServer, Runnable onHeardElsewhere) {
        this.isServer = isServer;
        this.onHeardElsewhere = onHeardElsewhere;
    }

    /**
     * Of a client that dials these addresses.
     *
     * @param base the channel's own address, from which it does
     * @param onHeardElsewhere runs when something comes from another port of a host that is dialled
     */
    static PunchPathHandler dialling(
            Collection<InetSocketAddress> remotes, InetSocketAddress base, Runnable onHeardElsewhere) {
        PunchPathHandler path = new PunchPathHandler(false, onHeardElsewhere);
        remotes.forEach(remote -> path.add(remote, base));
        return path;
    }

    /** Of a server that the other side, which has named these addresses, is going to dial. */
    static PunchPathHandler dialled(Collection<InetSocketAddress> expected) {
        PunchPathHandler path = new PunchPathHandler(true, () -> {});
        path.expected.addAll(expected);
        return path;
    }

    /** The ways, in the order in which they came to be. */
    Collection<Way> ways() {
        return bySynthetic.values();
    }

    /** The way that QUIC knows by this address. */
    Way of(InetSocketAddress synthetic) {
        return bySynthetic.get(synthetic);
    }

    /** Whether the other side has named the address that QUIC knows by this one. */
    boolean isNamed(InetSocketAddress synthetic) {
        Way way = bySynthetic.get(synthetic);
        return way != null && (!isServer || expected.contains(way.remote));
    }

    /** How many datagrams were dropped for where they come from, or for being no QUIC. */
    long dropped() {
        return dropped;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        bySynthetic.values().forEach(way -> way.recent.release());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof DatagramPacket packet)) {
            ReferenceCountUtil.release(message);
            return;
        }
        DatagramKind kind = DatagramKind.of(packet.content());
        Way way = kind.isQuic() ? admitted(packet, kind) : null;
        if (way == null) {
            dropped++;
            if (!kind.isQuic()) {
                heardNoise(ctx, packet.sender());
            }
            packet.release();
            return;
        }
        way.isHeard = true;
        way.base = packet.recipient();
        ByteBuf content = packet.content();
        // Netty's header parser reads from index 0, not from the reader index.
        ByteBuf fromZero = content.readerIndex() == 0 ? content : content.slice();
        ctx.fireChannelRead(PooledDatagramPacket.of(fromZero, IcePathHandler.LOCAL_ADDRESS, way.synthetic));
        if (kind == DatagramKind.QUIC_LONG_HEADER) {
            // As in IcePathHandler: lets TLS go on between two datagrams of one burst.
            ctx.fireChannelWritabilityChanged();
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof DatagramPacket packet)) {
            ctx.write(message, promise);
            return;
        }
        Way way = bySynthetic.get(packet.recipient());
        if (way == null || !packet.content().isReadable() || !mayCarry(way)) {
            packet.release();
            promise.setSuccess();
            return;
        }
        DatagramPacket addressed = PooledDatagramPacket.of(packet.content(), way.remote, way.base);
        if (!way.isHeard) {
            way.recent.remember(addressed);
        }
        ctx.write(addressed, promise);
    }

    private boolean mayCarry(Way way) {
        return way.isHeard || way.unheard++ < MAX_UNHEARD;
    }

    /** The way by which the datagram comes, or null if it is none. */
    private Way admitted(DatagramPacket packet, DatagramKind kind) {
        Way known = byRemote.get(packet.sender());
        if (!isServer) {
            return known;
        }
        boolean isInitial = kind == DatagramKind.QUIC_LONG_HEADER && isInitial(packet.content());
        if (known == null && isInitial) {
            known = place(packet);
        }
        return known == null || (isInitial && known.initials++ >= MAX_INITIALS) ? null : known;
    }

    private Way place(DatagramPacket packet) {
        if (!expected.contains(packet.sender()) && strangers++ >= MAX_STRANGERS) {
            return null;
        }
        return add(packet.sender(), packet.recipient());
    }

    private Way add(InetSocketAddress remote, InetSocketAddress from) {
        // Port 1 is for the connection that ICE opens.
        Way way = new Way(new InetSocketAddress(SYNTHETIC, 2 + bySynthetic.size()), remote, from);
        byRemote.put(remote, way);
        bySynthetic.put(way.synthetic, way);
        return way;
    }

    /**
     * What is neither QUIC nor STUN, and comes from where QUIC has been sent in vain so far, is the other side's random
     * bytes: its NAT lets in now what has been lost before, which QUIC would send again only after a second.
     */
    private void heardNoise(ChannelHandlerContext ctx, InetSocketAddress sender) {
        Way way = byRemote.get(sender);
        if (way == null) {
            boolean isOfDialledHost = byRemote.keySet().stream()
                    .anyMatch(dialled -> dialled.getAddress().equals(sender.getAddress()));
            if (isOfDialledHost) {
                onHeardElsewhere.run();
            }
        } else if (!way.isHeard && way.repetitions++ < MAX_REPETITIONS) {
            way.recent.forEach(content -> {
                if (mayCarry(way)) {
                    ctx.write(PooledDatagramPacket.of(content, way.remote, way.base));
                } else {
                    content.release();
                }
            });
            ctx.flush();
        }
    }

    /** Whether the long header is that of an Initial packet (RFC 9000 §17.2.2) of version 1. */
    private static boolean isInitial(ByteBuf content) {
        return content.readableBytes() > 4
                && (content.getByte(content.readerIndex()) & 0x30) == 0
                && content.getInt(content.readerIndex() + 1) == 1;
    }
}
