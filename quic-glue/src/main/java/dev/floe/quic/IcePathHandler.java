package dev.floe.quic;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The path layer under the QUIC codec: QUIC sees one constant pair of addresses for as long as the connection lives, and
 * ICE decides which way its datagrams really go. Outbound they take the selected pair, whatever address QUIC wrote;
 * inbound they pass only if they come from an address that ICE has authenticated.
 *
 * <p>Confined to the channel's event loop, counters included.
 */
public final class IcePathHandler extends ChannelDuplexHandler {

    /** The address at which QUIC believes to be, in the block that is routed nowhere (RFC 6666). */
    public static final InetSocketAddress LOCAL_ADDRESS = new InetSocketAddress("100::1", 1);

    /** The address at which QUIC believes the other side to be. */
    public static final InetSocketAddress REMOTE_ADDRESS = new InetSocketAddress("100::2", 1);

    private final IcePaths ice;
    private InetSocketAddress remoteAddress;
    private final LongSupplier nanoTime;
    private final RecentDatagrams recent = new RecentDatagrams();
    private final PathTraffic traffic = new PathTraffic();
    private final PathChanges changes = new PathChanges();
    private final PathDoubts doubts;

    private ChannelHandlerContext ctx;
    private Promise<Void> confirmed;
    private CandidatePair pair;
    private CandidatePair verified;
    private boolean isOneOfSeveral;
    private EarlyGate gate;
    private InetSocketAddress lastSender;
    private InetSocketAddress lastRecipient;
    private PathTraffic.Count outbound;
    private PathTraffic.Count inbound;
    private boolean isConsentGiven = true;
    private boolean isReading;
    private long readNanos;
    private boolean isCutInVain;
    private long unauthenticated;
    private long notQuic;

    /**
     * A path layer for the channel of this agent.
     *
     * @param ice stands before it in the same pipeline
     */
    public IcePathHandler(IceHandler ice) {
        this(ice, REMOTE_ADDRESS);
    }

    /** @param remoteAddress where QUIC believes the other side to be */
    IcePathHandler(IceHandler ice, InetSocketAddress remoteAddress) {
        this(IcePaths.of(ice), remoteAddress, System::nanoTime);
    }

    /** @param nanoTime as {@link System#nanoTime} */
    IcePathHandler(IcePaths ice, LongSupplier nanoTime) {
        this(ice, REMOTE_ADDRESS, nanoTime);
    }

    private IcePathHandler(IcePaths ice, InetSocketAddress remoteAddress, LongSupplier nanoTime) {
        this.ice = ice;
        this.remoteAddress = remoteAddress;
        this.nanoTime = nanoTime;
        doubts = new PathDoubts(ice, nanoTime);
    }

    /**
     * Completes when QUIC has dealt with the first datagram that has a short header: a client then knows that the server
     * has completed the handshake (RFC 9001 §4.1.2).
     */
    Future<Void> confirmed() {
        return confirmed;
    }

    /** {@return how many QUIC datagrams were dropped because ICE knows nobody at their source} */
    public long unauthenticated() {
        return unauthenticated;
    }

    /** {@return how many datagrams were dropped that are neither STUN nor QUIC} */
    public long notQuic() {
        return notQuic;
    }

    /** {@return how often QUIC's silence has given reason to doubt the path, which ICE then has checked} */
    public long suspicions() {
        return doubts.suspicions();
    }

    /** {@return how many failures to send made ICE look at the network; of several at once, one counts} */
    public long failedWrites() {
        return doubts.failedWrites();
    }

    /**
     * {@return the statistics that {@link IceHandler#stats} gives, with the bytes of QUIC that each pair has carried}
     *
     * @param stats of {@link IceHandler#stats}
     */
    public List<CandidatePairStats> withBytes(List<CandidatePairStats> stats) {
        return stats.stream().map(traffic::addTo).toList();
    }

    /** Sends over this valid pair from now on. */
    void open(CandidatePair selected) {
        CandidatePair before = isVerified(selected.base(), selected.remoteAddress()) ? null : pair;
        verified = null;
        EarlyGate opened = gate;
        sendOver(selected);
        isConsentGiven = true;
        gate = null;
        boolean isMove = before != null && !PathChanges.isSameWay(before, selected);
        if (isMove) {
            changes.moved(before, selected);
            doubts.moved();
            distrust();
            // QUIC discards what it has already had; what was lost on the old path unblocks a backed-off probe timeout.
            recent.forEach(content -> write(addressed(content), ctx.newPromise()));
        }
        if (opened != null) {
            opened.open(this::send);
        }
        if (isMove || opened != null) {
            ctx.flush();
        }
    }

    /**
     * Sends over this way, over which a handshake has proven who the other side is, and admits what comes by it, until ICE
     * knows better.
     *
     * @param remote the address by which QUIC knows the other side on it; what is sent to another goes nowhere
     */
    void openVerified(CandidatePair verified, InetSocketAddress remote) {
        this.verified = verified;
        remoteAddress = remote;
        isOneOfSeveral = true;
        sendOver(verified);
    }

    /** Asks ICE anew who it is that the next datagram comes from. */
    void distrust() {
        lastSender = null;
    }

    /** Sends over this authenticated pair, as little as {@link EarlyGate} lets through, until a valid one is known. */
    void openEarly(CandidatePair early) {
        sendOver(early);
        gate = new EarlyGate();
    }

    /** Whether the packet is for QUIC and from an address that ICE has authenticated; counts it if not. */
    boolean admits(DatagramPacket packet) {
        if (!DatagramKind.of(packet.content()).isQuic()) {
            notQuic++;
            return false;
        }
        InetSocketAddress sender = packet.sender();
        InetSocketAddress recipient = packet.recipient();
        if (sender.equals(lastSender) && recipient.equals(lastRecipient)) {
            return true;
        }
        if (!ice.isAuthenticated(recipient, sender) && !isVerified(recipient, sender)) {
            unauthenticated++;
            return false;
        }
        lastSender = sender;
        lastRecipient = recipient;
        inbound = traffic.over(recipient, sender);
        return true;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        confirmed = ctx.executor().newPromise();
        changes.begin(nanoTime.getAsLong());
        doubts.start(ctx, this::distrust);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        doubts.stop();
        recent.release();
        if (gate != null) {
            gate.release(new ClosedChannelException());
            gate = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof DatagramPacket packet) || !admits(packet)) {
            ReferenceCountUtil.release(message);
            return;
        }
        heard(packet);
        ByteBuf content = packet.content();
        inbound.received(content.readableBytes());
        boolean isHandshake = DatagramKind.of(content) == DatagramKind.QUIC_LONG_HEADER;
        // Netty's header parser reads from index 0, not from the reader index.
        ByteBuf fromZero = content.readerIndex() == 0 ? content : content.slice();
        ctx.fireChannelRead(PooledDatagramPacket.of(fromZero, LOCAL_ADDRESS, remoteAddress));
        if (isHandshake) {
            // Lets TLS go on between two datagrams of one burst: quiche drops application data that follows the
            // handshake's last message before that has been dealt with, and it would cost the other side's probe
            // timeout.
            ctx.fireChannelWritabilityChanged();
        } else if (!confirmed.isDone()) {
            confirmed.setSuccess(null);
            doubts.confirmed();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        isReading = false;
        ctx.fireChannelReadComplete();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof DatagramPacket packet)) {
            ctx.write(message, promise);
        } else if (!packet.content().isReadable() || !isConsentGiven || isOfAnother(packet)) {
            // The codec's barrier at its close waits for its promise, and nothing of it belongs on the wire; nor does
            // anything once consent has expired, not even the frame that says so (RFC 7675 §5.1).
            packet.release();
            promise.setSuccess();
        } else if (!Segments.areSeveral(packet)) {
            pass(packet.content(), promise);
        } else if (gate == null && isCutByKernel()) {
            sendSegmented(packet, promise);
        } else {
            Segments.split(packet, content -> pass(content, ctx.newPromise()), last -> pass(last, promise));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IceEvent.PairNominated nominated) {
            doubts.roundTrip(nominated.rtt());
            open(nominated.pair());
        } else if (event instanceof IceEvent.SessionFailed || event instanceof IceEvent.ConsentExpired) {
            isConsentGiven = false;
            doubts.moved();
        } else if (event instanceof IceEvent.PairValidated validated && gate != null) {
            open(validated.pair());
        }
        ctx.fireUserEventTriggered(event);
    }

    private boolean isVerified(InetSocketAddress base, InetSocketAddress from) {
        return verified != null
                && verified.remoteAddress().equals(from)
                && verified.base().equals(base);
    }

    /** Whether it is of a connection that was begun beside this one, and has come to nothing. */
    private boolean isOfAnother(DatagramPacket packet) {
        return isOneOfSeveral && !remoteAddress.equals(packet.recipient());
    }

    private void sendOver(CandidatePair chosen) {
        pair = chosen;
        outbound = traffic.over(chosen.base(), chosen.remoteAddress());
        isCutInVain = false;
    }

    private void pass(ByteBuf content, ChannelPromise promise) {
        if (gate == null || gate.passes()) {
            send(content, promise);
        } else {
            gate.hold(content, promise);
        }
    }

    private void send(ByteBuf content, ChannelPromise promise) {
        DatagramPacket packet = addressed(content);
        recent.remember(packet);
        write(packet, promise);
    }

    private void sendSegmented(DatagramPacket packet, ChannelPromise promise) {
        DatagramPacket addressed =
                new SegmentedDatagramPacket(packet.content(), Segments.size(packet), pair.remoteAddress(), pair.base());
        recent.remember(addressed);
        CandidatePair over = pair;
        // Not every link can: then QUIC finds what has not arrived, and what follows goes datagram by datagram.
        write(
                addressed,
                promise.unvoid()
                        .addListener(sent -> isCutInVain |= sent.cause() instanceof IOException && over.equals(pair)));
    }

    /** Not by a relay, nor need a socket beside the channel's own be able to. */
    private boolean isCutByKernel() {
        return !isCutInVain && pair.base().equals(ctx.channel().localAddress());
    }

    private DatagramPacket addressed(ByteBuf content) {
        return PooledDatagramPacket.of(content, pair.remoteAddress(), pair.base());
    }

    private void write(DatagramPacket packet, ChannelPromise promise) {
        int bytes = packet.content().readableBytes();
        outbound.sent(bytes);
        ctx.write(packet, doubts.sent(bytes, promise));
    }

    private void heard(DatagramPacket packet) {
        if (!isReading) {
            // Once for all that is read at a time: the clock costs as much as all the rest of this handler.
            isReading = true;
            readNanos = nanoTime.getAsLong();
        }
        doubts.heard(readNanos);
        PathChangedEvent changed = changes.heard(packet.recipient(), packet.sender(), readNanos);
        if (changed != null) {
            ctx.pipeline().fireUserEventTriggered(changed);
        }
    }
}
