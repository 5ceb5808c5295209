package dev.floe.demo;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
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
import java.util.function.Consumer;

/**
 * A NAT before one datagram channel of this machine, a full cone: what the channel sends leaves from another port, only
 * what comes to that port gets in, and {@link #move} changes it. The channel has to be bound to one address, and this in
 * its pipeline before anything is sent.
 */
final class LoopbackNat extends ChannelDuplexHandler {

    private final Consumer<Channel> socketInitializer;
    private ChannelHandlerContext inside;
    private Channel outside;

    /** @param socketInitializer is given each channel of the outer side */
    LoopbackNat(Consumer<Channel> socketInitializer) {
        this.socketInitializer = socketInitializer;
    }

    /** Gives the channel another port, and takes the one away that it had; any thread. */
    void move() {
        inside.executor().execute(() -> {
            Channel former = outside;
            outside = open();
            former.close();
        });
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        inside = ctx;
        outside = open();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (outside != null) {
            outside.close();
        }
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

    /** A channel that is bound already, so that it can send at once. */
    private Channel open() {
        Channel opened = new NioDatagramChannel(bound());
        opened.pipeline().addLast(new Inbound());
        socketInitializer.accept(opened);
        inside.channel().eventLoop().register(opened);
        return opened;
    }

    private DatagramChannel bound() {
        try {
            return DatagramChannel.open().bind(new InetSocketAddress(address().getAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
