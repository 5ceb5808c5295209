package dev.floe.demo;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.PromiseNotifier;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * A NAT before one datagram channel of this machine, a full cone: what the channel sends leaves from another port, only
 * what comes to that port gets in, and {@link #move} changes it. The channel has to be bound to one address.
 */
final class LoopbackNat extends ChannelDuplexHandler {

    private ChannelHandlerContext inside;
    private Channel outside;

    /** Puts it before a channel, to whose end {@code observer} is added. */
    ChannelHandler before(ChannelHandler observer) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addFirst(LoopbackNat.this).addLast(observer);
            }
        };
    }

    /** Gives the channel another port, and takes the one away that it had; any thread. */
    void move() {
        inside.executor().execute(() -> {
            Channel former = outside;
            open(address()).addListener(opened -> {
                if (opened.isSuccess()) {
                    former.close();
                }
            });
        });
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
    public void bind(ChannelHandlerContext ctx, SocketAddress address, ChannelPromise promise) {
        open((InetSocketAddress) address).addListener(opened -> {
            if (opened.isSuccess()) {
                ctx.bind(address, promise);
            } else {
                promise.setFailure(opened.cause());
            }
        });
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ChannelFuture sent = outside.write(message);
        if (!promise.isVoid()) {
            PromiseNotifier.cascade(sent, promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        outside.flush();
    }

    /** Nobody outside reaches the channel at its own port. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    private InetSocketAddress address() {
        return (InetSocketAddress) inside.channel().localAddress();
    }

    private ChannelFuture open(InetSocketAddress address) {
        return new Bootstrap()
                .group(inside.channel().eventLoop())
                .channel(NioDatagramChannel.class)
                .handler(new Inbound())
                .bind(address.getAddress(), 0)
                .addListener((ChannelFuture bound) -> {
                    if (bound.isSuccess()) {
                        outside = bound.channel();
                    }
                });
    }

    /** Hands in what comes to the port. */
    private final class Inbound extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            inside.fireChannelRead(new DatagramPacket(packet.content(), address(), packet.sender()));
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            inside.fireChannelReadComplete();
        }
    }
}
