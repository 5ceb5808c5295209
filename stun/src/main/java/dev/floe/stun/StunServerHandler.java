package dev.floe.stun;

import dev.floe.stun.StunAttribute.ChangeRequest;
import dev.floe.stun.StunAttribute.MappedAddress;
import dev.floe.stun.StunAttribute.OtherAddress;
import dev.floe.stun.StunAttribute.ResponseOrigin;
import dev.floe.stun.StunAttribute.Software;
import dev.floe.stun.StunAttribute.UnknownAttributes;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Answers Binding requests with the address that they came from (RFC 8489, section 6.3.1), and with as little else as
 * the protocol allows, so that it amplifies nothing. Stands after {@link StunCodec}. Requests with a wrong FINGERPRINT
 * are dropped; everything but Binding requests passes untouched. Its counters may be read from any thread.
 *
 * <p>On a channel of its own it answers everybody, as often as they ask, and on one that is bound to the wildcard address
 * the system chooses where answers come from. {@link StunServer} limits each source, and answers from where it was asked.
 */
public final class StunServerHandler extends ChannelInboundHandlerAdapter {
    private static final int UNKNOWN_ATTRIBUTE = 420;
    private static final ChangeRequest NO_CHANGE = new ChangeRequest(false, false);

    private final List<Software> software;
    private final Optional<BehaviorDiscoverySockets> sockets;
    private final Predicate<InetAddress> limit;
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong limited = new AtomicLong();
    private boolean unflushed;

    /** A handler that answers everybody, without SOFTWARE. */
    public StunServerHandler() {
        this(List.of(), Optional.empty(), source -> true);
    }

    /**
     * A handler that answers everybody, with SOFTWARE.
     *
     * @param software what the answers say, at most 763 bytes of UTF-8
     */
    public StunServerHandler(String software) {
        this(List.of(new Software(software)), Optional.empty(), source -> true);
    }

    /**
     * @param sockets with which it does behaviour discovery
     * @param limit whether a source may ask at this time
     */
    StunServerHandler(Optional<BehaviorDiscoverySockets> sockets, Predicate<InetAddress> limit) {
        this(List.of(), sockets, limit);
    }

    private StunServerHandler(
            List<Software> software, Optional<BehaviorDiscoverySockets> sockets, Predicate<InetAddress> limit) {
        this.software = software;
        this.sockets = sockets;
        this.limit = limit;
    }

    /** {@return how many requests got a success response} */
    public long answered() {
        return answered.get();
    }

    /** {@return how many requests got an error response, for what they needed understood} */
    public long refused() {
        return refused.get();
    }

    /**
     * {@return how many requests got no response, for their wrong FINGERPRINT or since too many responses wait to be
     * sent}
     */
    public long dropped() {
        return dropped.get();
    }

    /** {@return how many requests got no response, for their source asks too often} */
    public long limited() {
        return limited.get();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (!(msg instanceof StunDatagram datagram) || !datagram.content().is(StunClass.REQUEST, StunMethod.BINDING)) {
            ctx.fireChannelRead(msg);
        } else if (!limit.test(datagram.sender().getAddress())) {
            limited.incrementAndGet();
        } else if (datagram.content().hasFingerprint() && !datagram.content().hasValidFingerprint()) {
            dropped.incrementAndGet();
        } else if (!answering(ctx, datagram.content()).isWritable()) {
            // What the system does not take in time must not pile up here.
            dropped.incrementAndGet();
        } else {
            answer(ctx, datagram);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (unflushed) {
            unflushed = false;
            ctx.flush();
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (unflushed) {
            ctx.flush();
        }
    }

    private void answer(ChannelHandlerContext ctx, StunDatagram datagram) {
        StunMessage request = datagram.content();
        InetSocketAddress client = datagram.sender();
        List<StunAttributeType> unknown = unknown(request);
        if (!unknown.isEmpty()) {
            refused.incrementAndGet();
            // The reason is for people; without it the response stays small.
            StunMessage.Builder refusal =
                    StunMessage.error(request, UNKNOWN_ATTRIBUTE, "").add(new UnknownAttributes(unknown));
            writeFromHere(ctx, finished(refusal, request), datagram);
            return;
        }
        answered.incrementAndGet();
        StunMessage.Builder response = StunMessage.success(request).add(new XorMappedAddress(client));
        software.forEach(response::add);
        if (sockets.isEmpty()) {
            writeFromHere(ctx, finished(response, request), datagram);
            return;
        }
        Channel answering = answering(ctx, request);
        response.add(new MappedAddress(client))
                .add(new ResponseOrigin(BehaviorDiscoverySockets.address(answering)))
                .add(new OtherAddress(
                        BehaviorDiscoverySockets.address(sockets.get().other())));
        if (answering == ctx.channel()) {
            writeFromHere(ctx, finished(response, request), datagram);
        } else {
            answering.writeAndFlush(new StunDatagram(finished(response, request), client, null));
        }
    }

    private Channel answering(ChannelHandlerContext ctx, StunMessage request) {
        return sockets.map(
                        all -> all.answering(request.find(ChangeRequest.class).orElse(NO_CHANGE)))
                .orElse(ctx.channel());
    }

    private void writeFromHere(ChannelHandlerContext ctx, StunMessage response, StunDatagram request) {
        unflushed = true;
        InetSocketAddress client = request.sender();
        InetSocketAddress base = request.recipient();
        ctx.write(new StunDatagram(response, client, base));
    }

    /** Without a second address, CHANGE-REQUEST is one of them (RFC 5780, section 6.1). */
    private List<StunAttributeType> unknown(StunMessage request) {
        List<StunAttributeType> unknown = request.unknownComprehensionRequired();
        if (sockets.isEmpty() && request.has(ChangeRequest.class)) {
            unknown = new ArrayList<>(unknown);
            unknown.add(StunAttributeType.CHANGE_REQUEST);
        }
        return unknown;
    }

    private static StunMessage finished(StunMessage.Builder response, StunMessage request) {
        return request.hasFingerprint() ? response.fingerprint().build() : response.build();
    }
}
