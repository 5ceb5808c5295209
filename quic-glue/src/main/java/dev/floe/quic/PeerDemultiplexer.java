package dev.floe.quic;

import dev.floe.stun.StunAttribute.Username;
import dev.floe.stun.StunDecodeException;
import dev.floe.stun.StunMessage;
import dev.floe.stun.TransactionId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.PromiseNotifier;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Tells apart what comes to a datagram channel for many peers, and hands each its own in a {@link PeerChannel}; between
 * that channel's socket and the one QUIC codec of all.
 *
 * <ol>
 *   <li>A STUN request names the agent that it is for by a username fragment of its (RFC 8445 §7.2.2).
 *   <li>A STUN response has the transaction id of a request that an agent has sent.
 *   <li>A QUIC datagram has a connection id that was made for a peer ({@link PeerConnectionIds}).
 *   <li>A client's first ones have one of the client's: those are told by their source ({@link PeerAddresses}).
 * </ol>
 *
 * Whoever it names, the datagram counts for nothing until that peer's own agent has authenticated it. What names nobody is
 * dropped and counted. Nothing here grows by what strangers send.
 *
 * <p>Confined to the channel's event loop.
 */
final class PeerDemultiplexer extends ChannelDuplexHandler {

    // Where a STUN header has the bits of its class, and the transaction id (RFC 8489 §5).
    private static final int STUN_CLASS = 0x0110;
    private static final int BINDING_INDICATION = 0x0011;
    private static final int STUN_ID = 8;
    private static final int STUN_ID_LENGTH = 12;

    private final PeerConnectionIds ids;
    private final Map<Long, PeerChannel> byLabel = new HashMap<>();
    private final Map<InetSocketAddress, PeerChannel> byQuicAddress = new HashMap<>();
    private final Map<String, PeerChannel> byFragment = new HashMap<>();
    private final Map<PeerChannel, Set<String>> fragments = new HashMap<>();
    private final PeerAddresses addresses = new PeerAddresses();
    private final FirstConnectionIds firstIds = new FirstConnectionIds();
    private final OpenRequests requests;
    private final Set<PeerChannel> reading = new LinkedHashSet<>();
    private final Set<PeerChannel> written = new LinkedHashSet<>();
    private final LongAdder dropped = new LongAdder();
    private ChannelHandlerContext ctx;

    /** @param nanoTime as {@link System#nanoTime} */
    PeerDemultiplexer(PeerConnectionIds ids, LongSupplier nanoTime) {
        this.ids = ids;
        requests = new OpenRequests(nanoTime);
    }

    /** The one that all share. Callable from any thread once the handler is in its pipeline. */
    Channel channel() {
        return ctx.channel();
    }

    /** How many datagrams were for no peer, keepalives not counted. Callable from any thread. */
    long dropped() {
        return dropped.sum();
    }

    /** Those that have joined and not left. */
    List<PeerChannel> peers() {
        return List.copyOf(byLabel.values());
    }

    /** How many entries there are that outlive a datagram, of all kinds. */
    int size() {
        return byFragment.size() + addresses.size() + firstIds.size() + requests.size();
    }

    void add(PeerChannel peer) {
        byLabel.put(peer.label(), peer);
        byQuicAddress.put(peer.quicAddress(), peer);
    }

    void remove(PeerChannel peer) {
        byLabel.remove(peer.label());
        byQuicAddress.remove(peer.quicAddress());
        known(peer, Set.of());
        addresses.forget(peer);
        firstIds.forget(peer);
        requests.forget(peer);
        reading.remove(peer);
        written.remove(peer);
    }

    /** By which username fragments the peer's agent goes now. */
    void known(PeerChannel peer, Set<String> names) {
        Set<String> before = names.isEmpty() ? fragments.remove(peer) : fragments.put(peer, names);
        if (before != null) {
            before.forEach(name -> byFragment.remove(name, peer));
        }
        names.forEach(name -> byFragment.putIfAbsent(name, peer));
    }

    /** Of peers that have no connection yet. */
    PeerAddresses addresses() {
        return addresses;
    }

    /** Sends what the peer's channel has been given; releases it. */
    ChannelFuture send(PeerChannel peer, Object message) {
        if (message instanceof DatagramPacket packet && peer.isOpen()) {
            requestIn(packet.content()).ifPresent(id -> requests.sent(peer, id));
        }
        return ctx.write(message);
    }

    void flushSent() {
        ctx.flush();
    }

    /** Hands the codec a datagram that the peer's path layer has let pass. */
    void toCodec(PeerChannel peer, DatagramPacket packet) {
        if (!peer.isOpen() || !isFor(peer, packet.content())) {
            drop(packet);
            return;
        }
        PeerChannel before = ids.current();
        ids.makeFor(peer);
        try {
            ctx.fireChannelRead(packet);
        } finally {
            ids.makeFor(before);
        }
    }

    /** Has the codec go on with those connections that it has handed something since. */
    void codecReadComplete() {
        ctx.fireChannelReadComplete();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket packet && isKeepalive(packet.content())) {
            packet.release();
            return;
        }
        PeerChannel peer = message instanceof DatagramPacket packet ? addressee(packet) : null;
        if (peer == null || !peer.isOpen()) {
            drop(message);
        } else {
            reading.add(peer);
            peer.pipeline().fireChannelRead(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        List<PeerChannel> read = List.copyOf(reading);
        reading.clear();
        read.forEach(peer -> peer.pipeline().fireChannelReadComplete());
        ctx.fireChannelReadComplete();
    }

    /** What happens to the relays is everybody's. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        peers().forEach(peer -> peer.pipeline().fireUserEventTriggered(event));
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        peers().forEach(PeerChannel::close);
        ctx.fireChannelInactive();
    }

    /** What the codec writes goes through the path layer of the peer that it is for. */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        PeerChannel peer = message instanceof DatagramPacket packet ? byQuicAddress.get(packet.recipient()) : null;
        SharedCodecHandler link = peer == null ? null : peer.pipeline().get(SharedCodecHandler.class);
        if (link == null) {
            // The peer has left, and the codec's barrier at its close waits for its promise.
            ReferenceCountUtil.release(message);
            promise.trySuccess();
            return;
        }
        written.add(peer);
        PromiseNotifier.cascade(link.write((DatagramPacket) message), promise);
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        if (!written.isEmpty()) {
            List<PeerChannel> flushed = List.copyOf(written);
            written.clear();
            flushed.forEach(PeerChannel::flush);
        }
        ctx.flush();
    }

    private PeerChannel addressee(DatagramPacket packet) {
        ByteBuf content = packet.content();
        return switch (DatagramKind.of(content)) {
            case STUN -> agentOf(content);
            case QUIC_SHORT_HEADER -> byLabel.get(PeerConnectionIds.labelIn(content));
            case QUIC_LONG_HEADER -> {
                PeerChannel peer = byLabel.get(PeerConnectionIds.labelIn(content));
                yield peer == null ? addresses.find(packet.sender()) : peer;
            }
            case OTHER -> null;
        };
    }

    private PeerChannel agentOf(ByteBuf content) {
        if (!StunMessage.looksLikeStun(content)) {
            return null;
        }
        try {
            StunMessage message = StunMessage.decode(content);
            return switch (message.messageClass()) {
                case REQUEST ->
                    message.find(Username.class)
                            .map(name -> byFragment.get(localFragment(name.value())))
                            .orElse(null);
                case SUCCESS, ERROR -> requests.find(message.transactionId());
                case INDICATION -> null;
            };
        } catch (StunDecodeException e) {
            return null;
        }
    }

    /**
     * The codec knows of no peers: it would give a datagram to whoever has its connection id, and a long header with one
     * that nobody has begins a connection, be it made up after those that were made for the peer.
     */
    private boolean isFor(PeerChannel peer, ByteBuf content) {
        PeerChannel addressee = byLabel.get(PeerConnectionIds.labelIn(content));
        if (addressee != null && DatagramKind.of(content) == DatagramKind.QUIC_SHORT_HEADER) {
            return addressee.equals(peer);
        }
        boolean isOfAnother = addressee != null && !addressee.equals(peer);
        return !isOfAnother && firstIds.isOf(peer, PeerConnectionIds.destination(content));
    }

    /** It names nobody, and has done its work by having passed the NATs (RFC 8445 §11). */
    private static boolean isKeepalive(ByteBuf content) {
        return StunMessage.looksLikeStun(content)
                && content.getUnsignedShort(content.readerIndex()) == BINDING_INDICATION;
    }

    private static Optional<TransactionId> requestIn(ByteBuf content) {
        if (!StunMessage.looksLikeStun(content)) {
            return Optional.empty();
        }
        int start = content.readerIndex();
        boolean isRequest = (content.getUnsignedShort(start) & STUN_CLASS) == 0;
        return isRequest
                ? Optional.of(TransactionId.of(ByteBufUtil.getBytes(content, start + STUN_ID, STUN_ID_LENGTH)))
                : Optional.empty();
    }

    private void drop(Object message) {
        dropped.increment();
        ReferenceCountUtil.release(message);
    }

    private static String localFragment(String username) {
        int colon = username.indexOf(':');
        return colon < 0 ? username : username.substring(0, colon);
    }
}
