package dev.floe.stun;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;

/** Turns each {@link StunDatagram} into a {@link DatagramPacket}. Everything else passes untouched. */
public final class StunDatagramEncoder extends ChannelOutboundHandlerAdapter {
    /** An encoder for one channel. */
    public StunDatagramEncoder() {}

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        if (!(msg instanceof StunDatagram datagram)) {
            ctx.write(msg, promise);
            return;
        }
        StunMessage message = datagram.content();
        ByteBuf buffer = ctx.alloc().ioBuffer(message.length());
        message.writeTo(buffer);
        ctx.write(new DatagramPacket(buffer, datagram.recipient(), datagram.sender()), promise);
    }
}
