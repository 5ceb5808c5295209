package dev.floe.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Writes to a stream all that it takes, for as long as it is open. */
final class Pump extends ChannelInboundHandlerAdapter {

    private static final int CHUNK = 64 * 1_024;

    private final ByteBuf chunk = Unpooled.unreleasableBuffer(Unpooled.directBuffer(CHUNK).writeZero(CHUNK));

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        fill(ctx.channel());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        fill(ctx.channel());
    }

    private void fill(Channel stream) {
        while (stream.isWritable()) {
            stream.write(chunk.duplicate());
        }
        stream.flush();
    }
}
