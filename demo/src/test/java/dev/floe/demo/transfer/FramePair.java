package dev.floe.demo.transfer;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
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

/** The two ends of one stream within this process, which breaks after so many bytes of the sender. */
final class FramePair implements AutoCloseable {

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
    private final FrameStream sender = new FrameStream(() -> {});
    private final FrameStream receiver = new FrameStream(() -> {});
    private final Fuse fuse;

    FramePair(long breaksAfter) throws InterruptedException {
        fuse = new Fuse(breaksAfter);
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(LocalServerChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(receiver);
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
                        channel.pipeline().addLast(fuse, sender);
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
        return fuse.sent;
    }

    @Override
    public void close() {
        sender.close();
        receiver.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static final class Fuse extends ChannelOutboundHandlerAdapter {
        private final long breaksAfter;
        private volatile long sent;

        Fuse(long breaksAfter) {
            this.breaksAfter = breaksAfter;
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            long all = sent + ((ByteBuf) message).readableBytes();
            sent = all;
            ctx.write(message, promise);
            if (all >= breaksAfter) {
                ctx.flush();
                ctx.close();
            }
        }
    }
}
