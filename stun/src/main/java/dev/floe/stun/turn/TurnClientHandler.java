package dev.floe.stun.turn;

import dev.floe.stun.StunDecodeException;
import dev.floe.stun.StunMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Relays datagrams through a TURN server (RFC 8656). It stands on a datagram channel, before the
 * {@link dev.floe.stun.StunCodec}, one handler for each server, and needs no help from what is behind it:
 *
 * <ul>
 *   <li>what a peer sends to the relayed address comes up as a {@link DatagramPacket} whose recipient is the relayed
 *       address and whose sender is the peer; who reads it releases it, as always;
 *   <li>a {@link DatagramPacket} whose sender is the relayed address goes out through the server. The handler takes it
 *       over;
 *   <li>everything else passes, among it whatever the server says as a plain STUN server.
 * </ul>
 *
 * <p>Data goes in Send indications until a channel is bound for the peer, which the first datagram to it does that is not
 * STUN. The first few datagrams to an address wait until the server has given its permission. As with UDP, what cannot go
 * is dropped, and counted.
 *
 * <p>It fires a {@link TurnEvent} for each thing that happens, and releases the allocation when the channel is closed or
 * the handler removed. A removed handler cannot be used again.
 */
public final class TurnClientHandler extends ChannelDuplexHandler {
    private static final Logger log = LoggerFactory.getLogger(TurnClientHandler.class);

    /** More than a Send indication can hold. */
    private static final int MAX_DATA = 0xFFFF - 64;

    private static final int MAX_FORMER = 16;

    private final TurnConfig config;
    private final TurnSession session;
    private final long originNanos = System.nanoTime();
    private final HeldDatagrams held = new HeldDatagrams();
    private final List<TurnEvent> events = new ArrayList<>();
    private final List<Promise<TurnAllocation>> waiting = new ArrayList<>();
    /** Addresses that were relayed once: what is still sent from them must not leave from elsewhere. */
    private final Set<InetSocketAddress> former = new LinkedHashSet<>();

    /** Who waits for the channel to close, which waits for the allocation to be given back. */
    private final List<ChannelPromise> closing = new ArrayList<>();

    private final AtomicLong droppedInbound = new AtomicLong();
    private final AtomicLong droppedOutbound = new AtomicLong();

    private volatile ChannelHandlerContext ctx;
    private TurnLink link;
    private ScheduledFuture<?> timer;
    private long timerNanos = TurnSession.NEVER;
    private boolean isDraining;
    private boolean isClosed;

    /**
     * A client with the configuration {@link TurnConfig#of}.
     *
     * @param server where to allocate
     */
    public TurnClientHandler(TurnServer server) {
        this(TurnConfig.of(server));
    }

    /**
     * A client for one allocation; it is asked for by {@link #allocate}.
     *
     * @param config where to allocate, and what
     */
    public TurnClientHandler(TurnConfig config) {
        this.config = config;
        this.session = new TurnSession(config, new SecureRandom());
    }

    /**
     * Asks for an allocation, on a channel that is bound. Callable from any thread. While there is an allocation, or one
     * is on its way, no second one is asked for.
     *
     * @return the allocation. It fails with {@link TurnException} if the server refuses, does not answer or is not
     *     found, with {@link ClosedChannelException} if the channel closes or this handler is removed before, and with
     *     {@link IllegalStateException} if the channel is not bound yet
     * @throws IllegalStateException if the handler is in no pipeline yet: off the event loop, adding it takes effect later
     */
    public Future<TurnAllocation> allocate() {
        if (ctx == null) {
            throw new IllegalStateException("the handler is in no pipeline yet, add it in a ChannelInitializer");
        }
        if (!(ctx.channel().localAddress() instanceof InetSocketAddress local)) {
            return ctx.executor().newFailedFuture(new IllegalStateException("the channel is not bound yet"));
        }
        Promise<TurnAllocation> promise = ctx.executor().newPromise();
        ServerLookUp.resolve(config.server().address(), local.getAddress(), ctx.executor())
                .addListener((Future<InetSocketAddress> server) -> start(server, promise));
        return promise;
    }

    /**
     * Says that the client's address has changed, as after a change of network. With mobility (RFC 8016) the allocation
     * follows; without it, a new one is asked for, as is one that is on its way or to be asked for later. Callable from
     * any thread.
     */
    public void moved() {
        if (ctx != null) {
            ctx.executor().execute(() -> {
                session.moved(nowNanos());
                drain();
            });
        }
    }

    /**
     * Asks the server whether it still knows the allocation, as when nothing comes through it any more: a server that was
     * started anew gives another one. If it has not answered by the next call it is asked anew, over TCP and TLS by another
     * connection. Callable from any thread; does nothing while there is no allocation.
     */
    public void verify() {
        if (ctx != null) {
            ctx.executor().execute(() -> {
                session.verify(nowNanos());
                drain();
            });
        }
    }

    /** Whether data to {@code peer} goes on a channel. On the event loop. */
    boolean hasChannel(InetSocketAddress peer) {
        return session.allocation() != null && session.channelFor(peer, false, nowNanos()) != ChannelBindings.NONE;
    }

    /**
     * {@return how many datagrams of the server made no sense, or came from whom they must not} Callable from any
     * thread.
     */
    public long droppedInbound() {
        return droppedInbound.get();
    }

    /**
     * {@return how many datagrams were given up: to a peer that is refused, before its permission} Callable from any
     * thread.
     */
    public long droppedOutbound() {
        return droppedOutbound.get();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        shut();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        shut();
        ctx.fireChannelInactive();
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (isClosed) {
            ctx.close(promise);
            return;
        }
        closing.add(promise);
        if (closing.size() == 1) {
            retire();
            session.release(nowNanos());
            drain();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        boolean isMine = msg instanceof DatagramPacket packet
                && link instanceof DatagramLink datagrams
                && datagrams.server().equals(packet.sender())
                && receive(packet.content());
        if (!isMine) {
            ctx.fireChannelRead(msg);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        if (!(msg instanceof DatagramPacket packet) || packet.sender() == null) {
            ctx.write(msg, promise);
        } else if (isRelayed(packet.sender())) {
            relay(packet);
            promise.trySuccess();
        } else if (former.contains(packet.sender())) {
            drop(packet);
            promise.trySuccess();
        } else {
            ctx.write(msg, promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        flushLink();
        ctx.flush();
    }

    private void start(Future<InetSocketAddress> server, Promise<TurnAllocation> promise) {
        if (isClosed) {
            promise.tryFailure(new ClosedChannelException());
        } else if (session.allocation() != null) {
            promise.trySuccess(session.allocation());
        } else if (!server.isSuccess()) {
            promise.tryFailure(server.cause());
        } else {
            waiting.add(promise);
            session.allocate(server.getNow(), nowNanos());
            drain();
        }
    }

    private boolean isRelayed(InetSocketAddress address) {
        return session.allocation() != null && session.allocation().relayed().contains(address);
    }

    /** Whether the frame was TURN's; if so, it is taken over. */
    private boolean receive(ByteBuf frame) {
        if (TurnFrame.isChannelData(frame)) {
            receiveChannelData(frame);
            return true;
        }
        if (!StunMessage.looksLikeStun(frame)) {
            return false;
        }
        if (TurnFrame.isBinding(frame)) {
            return session.isProbing() && receiveResponse(frame);
        }
        if (TurnFrame.isDataIndication(frame)) {
            receiveDataIndication(frame);
        } else if (!receiveResponse(frame)) {
            drop(frame, "a message that answers nothing");
        }
        return true;
    }

    private void receiveChannelData(ByteBuf frame) {
        int channel = TurnFrame.channel(frame);
        InetSocketAddress peer =
                channel == ChannelBindings.NONE || session.allocation() == null ? null : session.peerOf(channel);
        if (peer == null) {
            drop(frame, "ChannelData that is malformed or on no channel of ours");
        } else {
            deliver(frame, TurnFrame.channelData(frame), peer);
        }
    }

    private void receiveDataIndication(ByteBuf frame) {
        TurnFrame.DataIndication indication = TurnFrame.dataIndication(frame);
        if (indication == null || session.allocation() == null) {
            drop(frame, "a malformed Data indication");
        } else if (!session.isWanted(indication.peer().getAddress())) {
            drop(frame, "data of a peer without permission");
        } else {
            deliver(frame, indication.data(), indication.peer());
        }
    }

    private boolean receiveResponse(ByteBuf frame) {
        try {
            if (!session.receive(StunMessage.decode(frame), nowNanos())) {
                return false;
            }
        } catch (StunDecodeException e) {
            log.debug("{}: {}", config.server(), e.getMessage());
            return false;
        }
        frame.release();
        drain();
        return true;
    }

    /** Takes over {@code frame}, whose reference count {@code data} shares. */
    private void deliver(ByteBuf frame, ByteBuf data, InetSocketAddress peer) {
        for (InetSocketAddress relayed : session.allocation().relayed()) {
            if (isSameFamily(relayed, peer)) {
                ctx.fireChannelRead(new DatagramPacket(data, relayed, peer));
                return;
            }
        }
        drop(frame, "data of a peer of another address family");
    }

    private void drop(ByteBuf frame, String what) {
        frame.release();
        droppedInbound.incrementAndGet();
        log.debug("dropped {} from {}", what, config.server());
    }

    private void drop(DatagramPacket packet) {
        packet.release();
        droppedOutbound.incrementAndGet();
    }

    private void relay(DatagramPacket packet) {
        InetSocketAddress peer = packet.recipient();
        if (peer.isUnresolved()
                || !isSameFamily(packet.sender(), peer)
                || packet.content().readableBytes() > MAX_DATA
                || link == null
                || link.isCongested()) {
            drop(packet);
            return;
        }
        switch (session.permit(peer.getAddress(), nowNanos())) {
            case INSTALLED -> send(packet);
            case REFUSED -> drop(packet);
            case PENDING -> {
                if (!held.hold(packet)) {
                    drop(packet);
                }
            }
        }
        if (session.hasOutput()) {
            drain();
        }
    }

    private void send(DatagramPacket packet) {
        ByteBuf data = packet.content();
        InetSocketAddress peer = packet.recipient();
        long now = nowNanos();
        int channel = session.channelFor(peer, !StunMessage.looksLikeStun(data), now);
        ByteBuf frame = channel == ChannelBindings.NONE
                ? TurnFrame.sendIndication(peer, data, ctx.alloc())
                : TurnFrame.channelData(channel, data, link.isReliable(), ctx.alloc());
        packet.release();
        link.write(frame, ctx.newPromise());
        session.sent(now);
    }

    // Writes first and tells later, as IceHandler does; a handler that calls back in finds its outputs drained by the
    // loop that is already running.
    private void drain() {
        if (isDraining) {
            return;
        }
        isDraining = true;
        while (takeAll()) {
            flushLink();
            List<TurnEvent> fired = List.copyOf(events);
            events.clear();
            fired.forEach(this::fire);
        }
        isDraining = false;
        rearm();
    }

    private boolean takeAll() {
        TurnOutput output = session.poll();
        boolean isAny = output != null;
        for (; output != null; output = session.poll()) {
            if (output instanceof TurnOutput.Transmit transmit) {
                transmit(transmit.message());
            } else if (output instanceof TurnOutput.Permitted permitted) {
                sendHeld(permitted.peer());
            } else if (output instanceof TurnOutput.Connect connect) {
                connect(connect.server(), connect.host());
            } else if (output instanceof TurnOutput.Released) {
                flushLink();
                shut();
            } else if (output instanceof TurnOutput.Notify notify) {
                learn(notify.event());
                events.add(notify.event());
            }
        }
        return isAny;
    }

    private void sendHeld(InetAddress peer) {
        if (session.allocation() != null) {
            held.take(peer).forEach(this::send);
        }
    }

    private void connect(InetSocketAddress server, String host) {
        unlink();
        if (config.server().transport() != TurnTransport.UDP) {
            InetSocketAddress local = (InetSocketAddress) ctx.channel().localAddress();
            link = StreamLink.connect(ctx.channel(), local.getAddress(), server, config, host, new Connection());
        } else if (isServedByAnother(server)) {
            session.disconnected(
                    new TurnException("another handler of this channel relays through " + server), nowNanos());
        } else {
            link = new DatagramLink(ctx, server);
            session.connected(nowNanos());
        }
    }

    /** There is one allocation for a client's address, a server's address and a transport (RFC 8656, section 2.2). */
    private boolean isServedByAnother(InetSocketAddress server) {
        for (Map.Entry<String, ChannelHandler> entry : ctx.pipeline()) {
            if (entry.getValue() instanceof TurnClientHandler other
                    && other != this
                    && other.link instanceof DatagramLink datagrams
                    && datagrams.server().equals(server)) {
                return true;
            }
        }
        return false;
    }

    private void flushLink() {
        if (link != null) {
            link.flush();
        }
    }

    private void unlink() {
        if (link != null) {
            link.close();
            link = null;
        }
    }

    private void transmit(StunMessage message) {
        if (link != null) {
            ByteBuf frame = ctx.alloc().ioBuffer(message.length());
            message.writeTo(frame);
            link.write(frame, ctx.newPromise());
            session.sent(nowNanos());
        }
    }

    private void learn(TurnEvent event) {
        if (event instanceof TurnEvent.Allocated allocated) {
            former.removeAll(allocated.allocation().relayed());
        } else if (event instanceof TurnEvent.AllocationLost lost) {
            retire(lost.allocation());
        } else if (event instanceof TurnEvent.AllocationFailed) {
            unlink();
        } else if (event instanceof TurnEvent.PeerRefused refused) {
            held.drop(refused.peer());
        }
    }

    private void retire() {
        if (session.allocation() != null) {
            retire(session.allocation());
        }
    }

    private void retire(TurnAllocation gone) {
        held.clear();
        former.addAll(gone.relayed());
        while (former.size() > MAX_FORMER) {
            former.remove(former.iterator().next());
        }
    }

    private void fire(TurnEvent event) {
        log.debug("{}: {}", config.server(), event);
        if (event instanceof TurnEvent.Allocated allocated) {
            waiting.forEach(promise -> promise.trySuccess(allocated.allocation()));
            waiting.clear();
        } else if (event instanceof TurnEvent.AllocationFailed failed) {
            waiting.forEach(promise -> promise.tryFailure(failed.cause()));
            waiting.clear();
        }
        ctx.fireUserEventTriggered(event);
    }

    private void shut() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        session.close();
        drain();
        held.clear();
        waiting.forEach(promise -> promise.tryFailure(new ClosedChannelException()));
        waiting.clear();
        unlink();
        closing.forEach(ctx::close);
    }

    private void rearm() {
        long deadline = session.deadlineNanos();
        if (deadline == timerNanos) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        timerNanos = deadline;
        timer = deadline == TurnSession.NEVER
                ? null
                : ctx.executor().schedule(this::advance, deadline - nowNanos(), TimeUnit.NANOSECONDS);
    }

    private void advance() {
        timerNanos = TurnSession.NEVER;
        session.advance(nowNanos());
        drain();
    }

    private long nowNanos() {
        return System.nanoTime() - originNanos;
    }

    private static boolean isSameFamily(InetSocketAddress one, InetSocketAddress other) {
        return one.getAddress().getClass() == other.getAddress().getClass();
    }

    /** What comes from a connection, unless there is another one by now. */
    private final class Connection implements StreamLink.Listener {
        @Override
        public void linked(StreamLink from) {
            if (from == link) {
                session.connected(nowNanos());
                drain();
            }
        }

        @Override
        public void received(StreamLink from, ByteBuf frame) {
            if (from != link) {
                frame.release();
            } else if (!receive(frame)) {
                drop(frame, "what is no TURN");
            }
        }

        @Override
        public void receivedAll(StreamLink from) {
            if (from == link) {
                ctx.fireChannelReadComplete();
            }
        }

        @Override
        public void unlinked(StreamLink from, TurnException cause) {
            if (from == link) {
                link = null;
                session.disconnected(cause, nowNanos());
                drain();
            }
        }
    }
}
