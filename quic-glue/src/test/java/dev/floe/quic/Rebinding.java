package dev.floe.quic;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.PromiseNotifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;

/** A NAT before one socket that forgets its mapping: from then on datagrams leave from another port and come back to it. */
final class Rebinding extends ChannelDuplexHandler {

    private ChannelHandlerContext inside;
    private Channel outside;

    /** On the event loop. */
    void move() {
        try {
            InetSocketAddress local = (InetSocketAddress) inside.channel().localAddress();
            outside = new NioDatagramChannel(DatagramChannel.open().bind(new InetSocketAddress(local.getAddress(), 0)));
            outside.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    DatagramPacket packet = (DatagramPacket) message;
                    inside.fireChannelRead(new DatagramPacket(packet.content(), local, packet.sender()));
                }

                @Override
                public void channelReadComplete(ChannelHandlerContext ctx) {
                    inside.fireChannelReadComplete();
                }
            });
            inside.channel().eventLoop().register(outside);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        inside = ctx;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (outside != null) {
            outside.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (outside == null) {
            ctx.fireChannelRead(message);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (outside == null) {
            ctx.write(message, promise);
        } else if (promise.isVoid()) {
            outside.write(message);
        } else {
            PromiseNotifier.cascade(outside.write(message), promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        if (outside != null) {
            outside.flush();
        }
        ctx.flush();
    }
}
