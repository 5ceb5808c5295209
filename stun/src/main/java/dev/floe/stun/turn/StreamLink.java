package dev.floe.stun.turn;

import dev.floe.stun.StunFrameDecoder;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** A connection to the server, over TCP or TLS, on the event loop of the datagram channel. */
final class StreamLink implements TurnLink {
    /** What happens on a connection. */
    interface Listener {
        void linked(StreamLink link);

        /** Takes over {@code frame}. */
        void received(StreamLink link, ByteBuf frame);

        void receivedAll(StreamLink link);

        /** There is no connection, or no longer; told once. */
        void unlinked(StreamLink link, TurnException cause);
    }

    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    /** Room for the bursts of a QUIC connection; what waits for longer had better be sent anew by its sender. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 << 10, 256 << 10);

    private final Listener listener;
    private final String server;
    private Channel channel;
    /** TLS takes even a flush for the start of its handshake, and fails if it comes before the connection. */
    private boolean isLinked;

    private boolean isOver;

    private StreamLink(Listener listener, String server) {
        this.listener = listener;
        this.server = server;
    }

    /**
     * Starts to connect; the listener hears how it goes.
     *
     * @param beside a datagram channel, whose event loop and transport the connection shares
     * @param local the address to connect from, or a wildcard one
     * @param host the name that a TLS certificate must have
     */
    static StreamLink connect(
            Channel beside,
            InetAddress local,
            InetSocketAddress server,
            TurnConfig config,
            String host,
            Listener listener) {
        EventLoop loop = beside.eventLoop();
        StreamLink link = new StreamLink(listener, "the TURN server " + server);
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(streamType(beside))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        link.open(channel, config, host, server.getPort());
                    }
                });
        boolean isLocalGiven = !local.isAnyLocalAddress()
                && local.getClass() == server.getAddress().getClass();
        ChannelFuture connected =
                isLocalGiven ? bootstrap.connect(server, new InetSocketAddress(local, 0)) : bootstrap.connect(server);
        // Later and on the loop: without a socket Netty says so before this returns, or from a thread of its own.
        connected.addListener((ChannelFuture done) -> {
            if (!done.isSuccess()) {
                loop.execute(() -> link.end("no connection to ", done.cause()));
            }
        });
        return link;
    }

    /** An event loop takes only channels of its own transport, and Netty names each transport's kinds alike. */
    private static Class<? extends Channel> streamType(Channel datagrams) {
        Class<?> type = datagrams.getClass();
        String name = type.getName().replace("DatagramChannel", "SocketChannel");
        try {
            return name.equals(type.getName())
                    ? NioSocketChannel.class
                    : Class.forName(name, false, type.getClassLoader()).asSubclass(Channel.class);
        } catch (ClassNotFoundException e) {
            return NioSocketChannel.class;
        }
    }

    @Override
    public boolean isReliable() {
        return true;
    }

    @Override
    public boolean isCongested() {
        return !isLinked || !channel.isWritable();
    }

    @Override
    public void write(ByteBuf frame, ChannelPromise promise) {
        if (isLinked) {
            channel.write(frame);
        } else {
            frame.release();
        }
        promise.trySuccess();
    }

    @Override
    public void flush() {
        if (isLinked) {
            channel.flush();
        }
    }

    @Override
    public void close() {
        isOver = true;
        if (channel != null) {
            channel.close();
        }
    }

    private void open(Channel channel, TurnConfig config, String host, int port) {
        this.channel = channel;
        if (isOver) {
            channel.close();
            return;
        }
        if (config.server().transport() == TurnTransport.TLS) {
            SslHandler tls = config.sslContext().newHandler(channel.alloc(), host, port);
            verifyHost(tls.engine());
            channel.pipeline().addLast(tls);
            tls.handshakeFuture().addListener(this::shaken);
        }
        channel.pipeline()
                .addLast(new StunFrameDecoder(), new Frames(config.server().transport()));
    }

    /** Netty 4.1 leaves it to the user to look at the name in the certificate. */
    private static void verifyHost(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
    }

    private void shaken(Future<? super Channel> handshake) {
        if (handshake.isSuccess()) {
            linked();
        } else {
            end("no TLS with ", handshake.cause());
        }
    }

    private void linked() {
        if (!isOver) {
            isLinked = true;
            listener.linked(this);
        }
    }

    private void end(String what, Throwable cause) {
        if (!isOver) {
            close();
            listener.unlinked(this, new TurnException(what + server + ": " + cause.getMessage()));
        }
    }

    private final class Frames extends ChannelInboundHandlerAdapter {
        private final TurnTransport transport;

        Frames(TurnTransport transport) {
            this.transport = transport;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (transport == TurnTransport.TCP) {
                linked();
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) {
            listener.received(StreamLink.this, (ByteBuf) frame);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            listener.receivedAll(StreamLink.this);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end("the connection is lost to ", new TurnException("closed by the server"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            end("the connection is lost to ", cause);
        }
    }
}
