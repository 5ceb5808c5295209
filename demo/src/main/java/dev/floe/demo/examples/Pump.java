package dev.floe.demo.examples;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;

/** Writes what one channel hears to another one, no faster than that takes it, and passes on the end. */
final class Pump extends ChannelInboundHandlerAdapter {
    private final DuplexChannel to;
    private ChannelFuture written;

    private Pump(DuplexChannel to) {
        this.to = to;
        written = to.newSucceededFuture();
    }

    /** Joins two channels that do not read by themselves. */
    static void join(DuplexChannel a, DuplexChannel b) {
        a.pipeline().addLast(new Pump(b));
        b.pipeline().addLast(new Pump(a));
        a.read();
        b.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        written = to.writeAndFlush(message);
        written.addListener(done -> {
            if (done.isSuccess()) {
                ctx.read();
            } else {
                ctx.close();
            }
        });
    }

    /** Each direction ends by itself; a channel both of whose have ended is closed. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            written.addListener(done -> to.shutdownOutput().addListener(shut -> closeIfShutdown(to)));
            closeIfShutdown((DuplexChannel) ctx.channel());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        written.addListener(done -> to.close());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private static void closeIfShutdown(DuplexChannel channel) {
        if (channel.isShutdown()) {
            channel.close();
        }
    }
}
