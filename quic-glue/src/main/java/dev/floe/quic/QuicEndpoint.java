package dev.floe.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.quic.QLogConfiguration;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelBootstrap;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.handler.codec.quic.SslEarlyDataReadyEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLHandshakeException;

/**
 * One end of one QUIC connection: the codec to put on the channel, and the connection that comes of it. Building one
 * takes milliseconds, so it is done off the event loop and before it is needed.
 */
final class QuicEndpoint {

    /** How many of the application's datagrams (RFC 9221) may wait, each way; more are dropped. */
    static final int MAX_DATAGRAMS = 256;

    private final QuicRole role;
    private final QuicTls tls;
    private final Supplier<ChannelHandler> streamHandler;
    private final Optional<Supplier<ChannelHandler>> datagramHandler;
    private final Optional<Consumer<QuicChannel>> earlyData;
    private final Optional<Supplier<ChannelHandler>> earlyStreamHandler;
    private final Optional<QLogConfiguration> qlog;
    private final SegmentedDatagramPacketAllocator segments;
    private final ChannelHandler codec;
    private final ConnectionHandler handler = new ConnectionHandler();
    private final Promise<QuicChannel> connection;
    private final List<ReservedStream> reserved = new ArrayList<>();

    private QuicEndpoint(
            QuicRole role,
            PeerConfig config,
            List<Consumer<String>> keyLogs,
            EventExecutor executor,
            Duration idleTimeout,
            ChannelHandler shared) {
        this.role = role;
        qlog = config.qlog.map(folder -> new QLogConfiguration(folder.toString(), "floe", role.name()));
        segments = QuicTuning.segments(config.channelType);
        connection = executor.newPromise();
        streamHandler = config.streamHandler;
        datagramHandler = config.datagramHandler;
        earlyData = config.earlyData;
        earlyStreamHandler = config.earlyStreamHandler;
        tls = QuicTls.of(role, config, keyLogs);
        if (shared != null) {
            codec = shared;
        } else if (role == QuicRole.SERVER) {
            QuicServerCodecBuilder server = tuned(new QuicServerCodecBuilder(), idleTimeout)
                    .handler(handler)
                    .streamHandler(streamInitializer());
            qlog.ifPresent(log -> server.option(QuicChannelOption.QLOG, log));
            server.option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segments);
            codec = server.build();
        } else {
            codec = tuned(new QuicClientCodecBuilder(), idleTimeout).build();
        }
    }

    /**
     * @param keyLogs hear each line of the TLS key log
     * @param executor the event loop of the channel that the codec is for
     * @param idleTimeout zero for none
     */
    static QuicEndpoint build(
            QuicRole role,
            PeerConfig config,
            List<Consumer<String>> keyLogs,
            EventExecutor executor,
            Duration idleTimeout) {
        return new QuicEndpoint(role, config, keyLogs, executor, idleTimeout, null);
    }

    /**
     * The server's end of a connection whose codec serves others as well, and asks for {@link #newEngine},
     * {@link #connectionHandler} and {@link #streamInitializer}.
     *
     * @param shared stands for the codec in the peer's pipeline
     */
    static QuicEndpoint onShared(
            ChannelHandler shared, PeerConfig config, List<Consumer<String>> keyLogs, EventExecutor executor) {
        return new QuicEndpoint(QuicRole.SERVER, config, keyLogs, executor, Duration.ZERO, shared);
    }

    ChannelHandler codec() {
        return codec;
    }

    /** The connection, once its handshake is complete on this side. */
    Future<QuicChannel> connection() {
        return connection;
    }

    /** The other side's description has come; as {@link QuicTls#described}. */
    void described(Optional<String> fingerprint) throws CertificateException {
        tls.described(fingerprint);
    }

    /** Keeps the connection's first stream for this handler; to be called before the handshake. */
    void reserveControlStream(ControlStreamHandler handler) {
        reserved.add(new ReservedStream(ControlStreamHandler.STREAM_ID, handler));
    }

    /** Keeps the second one for this handler, when the first one is kept. */
    void reserveTraversalStream(TraversalStreamHandler handler) {
        reserved.add(new ReservedStream(TraversalStreamHandler.STREAM_ID, handler));
    }

    /** The codec is on the channel: a client begins, a server waits. On the event loop. */
    void begin(Channel channel) {
        if (role == QuicRole.CLIENT) {
            QuicChannelBootstrap bootstrap = QuicChannel.newBootstrap(channel)
                    .localAddress(IcePathHandler.LOCAL_ADDRESS)
                    .remoteAddress(IcePathHandler.REMOTE_ADDRESS)
                    .handler(handler)
                    .streamHandler(streamInitializer())
                    // Netty would keep its timer, and with it the channel, for 30 s whatever comes of the connection.
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                    .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segments);
            qlog.ifPresent(log -> bootstrap.option(QuicChannelOption.QLOG, log));
            bootstrap.connect().addListener(connected -> {
                if (!connected.isSuccess()) {
                    handler.failed(connected.cause());
                }
            });
        }
    }

    /** TLS for a new connection of the shared codec. */
    QuicSslEngine newEngine(QuicChannel channel) {
        qlog.ifPresent(log -> channel.config().setOption(QuicChannelOption.QLOG, log));
        return tls.newEngine(channel.alloc());
    }

    /** Watches the connections of this end. */
    ChannelHandler connectionHandler() {
        return handler;
    }

    private <B extends QuicCodecBuilder<B>> B tuned(B builder, Duration idleTimeout) {
        datagramHandler.ifPresent(wanted -> builder.datagram(MAX_DATAGRAMS, MAX_DATAGRAMS));
        return QuicTuning.apply(builder)
                .sslEngineProvider(connection -> tls.newEngine(connection.alloc()))
                .maxIdleTimeout(idleTimeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** For each stream that the other side opens. */
    ChannelInitializer<QuicStreamChannel> streamInitializer() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(QuicStreamChannel stream) {
                // Of an inactive connection only a server hears that takes early data.
                Supplier<ChannelHandler> supplier =
                        stream.parent().isActive() ? streamHandler : earlyStreamHandler.orElse(streamHandler);
                stream.pipeline().addLast(supplier.get());
            }
        };
    }

    /** Watches the one connection; a second one, which only a client that is not one of ours begins, is closed. */
    @ChannelHandler.Sharable
    private final class ConnectionHandler extends ChannelInboundHandlerAdapter {
        private QuicChannel only;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            if (only == null) {
                only = (QuicChannel) ctx.channel();
                only.pipeline().addLast(new FarewellHandler(role));
                datagramHandler.ifPresent(handler -> only.pipeline().addLast(handler.get()));
            } else {
                ctx.close();
            }
        }

        /** Netty reads for itself as soon as the handshake is complete, which is too late for early data. */
        @Override
        public void channelRegistered(ChannelHandlerContext ctx) {
            if (earlyStreamHandler.isPresent()
                    && role == QuicRole.SERVER
                    && ctx.channel().equals(only)) {
                ctx.read();
            }
            ctx.fireChannelRegistered();
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (ctx.channel().equals(only)) {
                try {
                    tls.completed();
                } catch (CertificateException e) {
                    failed(e);
                    return;
                }
                reserved.forEach(role == QuicRole.CLIENT ? stream -> stream.open(only) : ReservedStream::accept);
                connection.trySuccess(only);
            }
            ctx.fireChannelActive();
        }

        private void sendEarlyData() {
            // The first streams are the peers' own, whoever speaks first.
            reserved.forEach(stream -> stream.openEarly(only));
            earlyData.ifPresent(application -> application.accept(only));
        }

        /** Takes the peers' own streams out of the application's sight. */
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            boolean isOwn = role == QuicRole.SERVER
                    && ctx.channel().equals(only)
                    && message instanceof QuicStreamChannel opened
                    && reserved.stream().anyMatch(stream -> stream.takes(opened));
            if (isOwn) {
                return;
            }
            if (message instanceof ByteBuf datagram && !ctx.channel().isActive()) {
                // Who takes early data has a handler for its streams, and none for its datagrams.
                datagram.release();
            } else {
                ctx.fireChannelRead(message);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent completion && !completion.isSuccess()) {
                failed(completion.cause());
            } else if (event instanceof SslEarlyDataReadyEvent) {
                // Netty is sending, and would not send what is written meanwhile.
                only.eventLoop().execute(this::sendEarlyData);
            }
            ctx.fireUserEventTriggered(event);
            if (event instanceof QuicConnectionCloseEvent close) {
                failed(PeerRefusedException.of(close));
            }
        }

        /** The handshake's failure has been told as an event. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!(cause instanceof SSLHandshakeException)) {
                ctx.fireExceptionCaught(cause);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            failed(PeerRefusedException.silent());
            ctx.fireChannelInactive();
        }

        /**
         * Netty leaves a refused connection open; closing it tells the other side, and only then is the port closed. Not
         * in this turn: a close inside the event that reports the failure loses the CONNECTION_CLOSE frame.
         */
        void failed(Throwable cause) {
            Throwable reason = tls.refusal().<Throwable>map(refusal -> refusal).orElse(cause);
            only.eventLoop().execute(() -> only.close().addListener(closed -> connection.tryFailure(reason)));
        }
    }
}
