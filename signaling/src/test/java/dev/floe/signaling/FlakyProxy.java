package dev.floe.signaling;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A way to a server that breaks when it is told to. */
final class FlakyProxy implements AutoCloseable {

    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final AtomicInteger connections = new AtomicInteger();
    private final ServerBootstrap bootstrap;
    private volatile Channel listening;
    private volatile int port;
    private volatile SocketAddress server;
    private volatile boolean isDead;

    FlakyProxy(EventLoopGroup group, InetSocketAddress server) throws InterruptedException {
        this.server = server;
        bootstrap = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        forward(client);
                    }
                });
        listen();
    }

    URI uri() {
        return SignalingFixture.uri(port);
    }

    /** How many there have been. */
    int connections() {
        return connections.get();
    }

    /** Breaks all connections, with whatever is on the way. */
    void cut() {
        channels.close().awaitUninterruptibly();
    }

    /** The same, and from now on it is the way to another server. */
    void redirect(InetSocketAddress other) {
        server = other;
        cut();
    }

    /** Nothing comes through any more, and nobody is told so; whoever connects waits for ever. */
    void die() {
        isDead = true;
        channels.forEach(channel -> channel.config().setAutoRead(false));
    }

    /** Who connects from now on gets through. */
    void revive() {
        isDead = false;
    }

    /** Breaks all connections, and refuses new ones. */
    void shut() {
        close();
        // A selector lets go of a closed channel's port when it selects next, which it has before it runs this.
        listening.eventLoop().schedule(() -> {}, 1, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }

    /** Accepts connections again. */
    void open() throws InterruptedException {
        listen();
    }

    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        cut();
    }

    private void listen() throws InterruptedException {
        listening =
                bootstrap.bind(InetAddress.getLoopbackAddress(), port).sync().channel();
        port = ((InetSocketAddress) listening.localAddress()).getPort();
    }

    private void forward(Channel client) {
        connections.incrementAndGet();
        channels.add(client);
        if (isDead) {
            return;
        }
        new Bootstrap()
                .group(client.eventLoop())
                .channel(NioSocketChannel.class)
                .handler(new Forwarder(client))
                .connect(server)
                .addListener((ChannelFutureListener) connected -> {
                    channels.add(connected.channel());
                    client.pipeline().addLast(new Forwarder(connected.channel()));
                    client.config().setAutoRead(true);
                });
    }

    private static final class Forwarder extends ChannelInboundHandlerAdapter {

        private final Channel other;

        Forwarder(Channel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (other.isActive()) {
                other.writeAndFlush(message);
            } else {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            other.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
