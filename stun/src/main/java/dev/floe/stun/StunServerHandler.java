package dev.floe.stun;

import dev.floe.stun.StunAttribute.Software;
import dev.floe.stun.StunAttribute.UnknownAttributes;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Answers Binding requests with the address that they came from (RFC 8489, section 6.3.1), and with as little else as
 * the protocol allows, so that it amplifies nothing. Stands after {@link StunCodec}. Requests with a wrong FINGERPRINT
 * are dropped; everything but Binding requests passes untouched. Its counters may be read from any thread.
 */
public final class StunServerHandler extends ChannelInboundHandlerAdapter {
    private static final int UNKNOWN_ATTRIBUTE = 420;

    private final List<Software> software;
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private boolean unflushed;

    public StunServerHandler() {
        this.software = List.of();
    }

    /** Answers also with SOFTWARE. */
    public StunServerHandler(String software) {
        this.software = List.of(new Software(software));
    }

    /** How many requests got a success response. */
    public long answered() {
        return answered.get();
    }

    /** How many requests got an error response, for what they needed understood. */
    public long refused() {
        return refused.get();
    }

    /** How many requests got no response, for their wrong FINGERPRINT. */
    public long dropped() {
        return dropped.get();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (!(msg instanceof StunDatagram datagram) || !datagram.content().is(StunClass.REQUEST, StunMethod.BINDING)) {
            ctx.fireChannelRead(msg);
            return;
        }
        StunMessage request = datagram.content();
        if (request.hasFingerprint() && !request.hasValidFingerprint()) {
            dropped.incrementAndGet();
            return;
        }
        StunMessage.Builder response = response(datagram);
        if (request.hasFingerprint()) {
            response.fingerprint();
        }
        unflushed = true;
        InetSocketAddress client = datagram.sender();
        InetSocketAddress base = datagram.recipient();
        ctx.write(new StunDatagram(response.build(), client, base));
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

    private StunMessage.Builder response(StunDatagram datagram) {
        StunMessage request = datagram.content();
        List<StunAttributeType> unknown = request.unknownComprehensionRequired();
        if (!unknown.isEmpty()) {
            refused.incrementAndGet();
            // The reason is for people; without it the response stays small.
            return StunMessage.error(request, UNKNOWN_ATTRIBUTE, "").add(new UnknownAttributes(unknown));
        }
        answered.incrementAndGet();
        StunMessage.Builder response = StunMessage.success(request).add(new XorMappedAddress(datagram.sender()));
        software.forEach(response::add);
        return response;
    }
}
