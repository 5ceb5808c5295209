package dev.floe.stun.turn;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;

/** The datagram channel itself. */
record DatagramLink(ChannelHandlerContext ctx, InetSocketAddress server) implements TurnLink {
    @Override
    public boolean isReliable() {
        return false;
    }

    @Override
    public boolean isCongested() {
        return false;
    }

    @Override
    public void write(ByteBuf frame, ChannelPromise promise) {
        ctx.write(new DatagramPacket(frame, server), promise);
    }

    @Override
    public void flush() {
        ctx.flush();
    }

    @Override
    public void close() {}
}
