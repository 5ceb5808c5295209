package dev.floe.demo.transfer;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.util.concurrent.TimeUnit;

/** The two ends of one stream within this process, which breaks when so many bytes have come to the receiver. */
final class FramePair implements AutoCloseable {

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
    private final FrameStream sender = new FrameStream(() -> {});
    private final FrameStream receiver = new FrameStream(() -> {});
    private final Meter meter = new Meter();

    FramePair(long breaksAfter) throws InterruptedException {
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(LocalServerChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Fuse(breaksAfter), receiver);
                    }
                })
                .bind(LocalAddress.ANY)
                .sync()
                .channel();
        new Bootstrap()
                .group(group)
                .channel(LocalChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(meter, sender);
                    }
                })
                .connect(server.localAddress())
                .sync();
    }

    FrameStream sender() {
        return sender;
    }

    FrameStream receiver() {
        return receiver;
    }

    /** How many bytes the sender has sent. */
    long sent() {
        return meter.sent;
    }

    @Override
    public void close() {
        sender.close();
        receiver.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Counts what the sender sends. */
    private static final class Meter extends ChannelOutboundHandlerAdapter {
        private volatile long sent;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            long all = sent + ((ByteBuf) message).readableBytes();
            sent = all;
            ctx.write(message, promise);
        }
    }

    /** Breaks the stream when so much has come. */
    private static final class Fuse extends ChannelInboundHandlerAdapter {
        private long left;

        Fuse(long breaksAfter) {
            left = breaksAfter;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            left -= ((ByteBuf) message).readableBytes();
            ctx.fireChannelRead(message);
            if (left <= 0) {
                ctx.close();
            }
        }
    }
}
