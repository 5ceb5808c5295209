package dev.floe.stun;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns each datagram that holds STUN into a {@link StunDatagram} and releases it. Everything else passes untouched. A
 * datagram that starts as STUN does and is malformed is dropped and counted.
 */
public final class StunDatagramDecoder extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(StunDatagramDecoder.class);

    private final AtomicLong malformed = new AtomicLong();

    /** A decoder for one channel. */
    public StunDatagramDecoder() {}

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (!(msg instanceof DatagramPacket packet) || !StunMessage.looksLikeStun(packet.content())) {
            ctx.fireChannelRead(msg);
            return;
        }
        StunMessage message;
        try {
            message = StunMessage.decode(packet.content());
        } catch (StunDecodeException e) {
            malformed.incrementAndGet();
            log.debug("dropped a datagram of {}: {}", packet.sender(), e.getMessage());
            return;
        } finally {
            packet.release();
        }
        ctx.fireChannelRead(new StunDatagram(message, packet.recipient(), packet.sender()));
    }

    /** {@return how many malformed messages have been dropped} Callable from any thread. */
    public long malformed() {
        return malformed.get();
    }
}
