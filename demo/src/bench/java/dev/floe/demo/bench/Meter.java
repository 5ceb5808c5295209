package dev.floe.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;

/** Counts the bytes that a stream brings. */
@ChannelHandler.Sharable
final class Meter extends SimpleChannelInboundHandler<ByteBuf> {

    private volatile long bytes;

    /** How many there have been. Callable from any thread. */
    long bytes() {
        return bytes;
    }

    // All streams of a link that are read at a time are one side's, so one thread writes.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
        bytes += content.readableBytes();
    }
}
