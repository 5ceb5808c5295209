package dev.floe.quic;

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
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;

/**
 * One end of the QUIC connections that race in one attempt at hole punching, of which one is kept: the first whose
 * handshake the client completes, and on which it opens the control stream, so that the server knows which. Building one
 * takes milliseconds, so it is done off the event loop and before it is needed.
 */
final class PunchEndpoint {

    /** How many handshakes a server has under way; of more none is taken up. */
    static final int MAX_CONTENDERS = 16;

    /** The connection that is kept, and the address by which QUIC knows the other side on it. */
    record Kept(QuicChannel connection, InetSocketAddress synthetic) {}

    private final QuicRole role;
    private final PeerConfig config;
    private final QuicTls tls;
    private final Optional<QLogConfiguration> qlog;
    private final ChannelHandler codec;
    private final Promise<Kept> kept;
    private final Set<QuicChannel> contenders = new LinkedHashSet<>();
    private final List<Runnable> early = new ArrayList<>();
    private boolean isGiven;
    private ControlStreamHandler control;
    private Consumer<InetSocketAddress> refusals = synthetic -> {};

    /**
     * @param keyLogs hear each line of the TLS key log
     * @param executor the event loop of the channel that the codec is for
     */
    PunchEndpoint(QuicRole role, PeerConfig config, List<Consumer<String>> keyLogs, EventExecutor executor) {
        this.role = role;
        this.config = config;
        qlog = config.qlog.map(folder -> new QLogConfiguration(folder.toString(), "floe", role.name()));
        kept = executor.newPromise();
        if (role == QuicRole.SERVER) {
            tls = QuicTls.forServer(config.identity, config.trust, config.alpn, keyLogs);
            QuicServerCodecBuilder server = tuned(new QuicServerCodecBuilder())
                    .handler(new ServerInitializer())
                    .streamHandler(streamInitializer());
            qlog.ifPresent(log -> server.option(QuicChannelOption.QLOG, log));
            codec = server.build();
        } else {
            tls = QuicTls.forClient(config.identity, config.trust, config.alpn, keyLogs);
            codec = tuned(new QuicClientCodecBuilder()).build();
        }
    }

    QuicRole role() {
        return role;
    }

    ChannelHandler codec() {
        return codec;
    }

    /** The one that is kept; never, if the attempt comes to nothing. */
    Promise<Kept> kept() {
        return kept;
    }

    /** Who is told of each address, as QUIC knows it, at which somebody's certificate is refused. */
    void onRefusal(Consumer<InetSocketAddress> listener) {
        refusals = listener;
    }

    /** Why the certificate of somebody who has taken part was refused. */
    Optional<CertificateException> refusal() {
        return tls.refusal();
    }

    /**
     * Whom to accept, and what speaks on the connection's first stream; to be called before the codec is in use.
     *
     * @throws CertificateException as {@link QuicTls#described}
     */
    void described(Optional<String> fingerprint, ControlStreamHandler control) throws CertificateException {
        tls.described(fingerprint);
        this.control = control;
    }

    /** A client begins one more handshake. */
    void dial(Channel channel, InetSocketAddress synthetic) {
        QuicChannelBootstrap bootstrap = QuicChannel.newBootstrap(channel)
                .localAddress(IcePathHandler.LOCAL_ADDRESS)
                .remoteAddress(synthetic)
                .handler(new Contender(synthetic))
                .streamHandler(streamInitializer())
                // Netty would keep its timer, and with it the channel, for 30 s whatever comes of the connection.
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        qlog.ifPresent(log -> bootstrap.option(QuicChannelOption.QLOG, log));
        bootstrap.connect();
    }

    /** Lets the kernel cut what is sent over the connection, if it can: only {@link IcePathHandler} knows of segments. */
    void takenOver(QuicChannel connection) {
        connection
                .config()
                .setOption(
                        QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, QuicTuning.segments(config.channelType));
    }

    /** The application has the connection, and now hears of the streams that the other side has opened meanwhile. */
    void given() {
        isGiven = true;
        early.forEach(Runnable::run);
        early.clear();
    }

    private void keep(QuicChannel connection, InetSocketAddress synthetic) {
        config.datagramHandler.ifPresent(handler -> connection.pipeline().addLast(handler.get()));
        connection.pipeline().addLast(new FarewellHandler(role));
        contenders.remove(connection);
        List.copyOf(contenders).forEach(QuicChannel::close);
        contenders.clear();
        kept.setSuccess(new Kept(connection, synthetic));
    }

    private <B extends QuicCodecBuilder<B>> B tuned(B builder) {
        config.datagramHandler.ifPresent(
                wanted -> builder.datagram(QuicEndpoint.MAX_DATAGRAMS, QuicEndpoint.MAX_DATAGRAMS));
        // Once it stands, ICE's consent ends a dead connection.
        return QuicTuning.apply(builder).sslContext(tls.context());
    }

    private ChannelInitializer<QuicStreamChannel> streamInitializer() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(QuicStreamChannel stream) {
                stream.pipeline().addLast(config.streamHandler.get());
            }
        };
    }

    private final class ServerInitializer extends ChannelInitializer<QuicChannel> {
        @Override
        protected void initChannel(QuicChannel connection) {
            connection.pipeline().addLast(new Contender((InetSocketAddress) connection.remoteSocketAddress()));
        }
    }

    /** One connection of those that race. */
    private final class Contender extends ChannelInboundHandlerAdapter {
        private final InetSocketAddress synthetic;

        Contender(InetSocketAddress synthetic) {
            this.synthetic = synthetic;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            if (kept.isDone() || contenders.size() == MAX_CONTENDERS) {
                ctx.close();
            } else {
                contenders.add((QuicChannel) ctx.channel());
            }
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            QuicChannel connection = (QuicChannel) ctx.channel();
            if (role == QuicRole.CLIENT && kept.isDone()) {
                ctx.close();
            } else if (role == QuicRole.CLIENT) {
                connection.createStream(QuicStreamType.BIDIRECTIONAL, control);
                keep(connection, synthetic);
            }
            ctx.fireChannelActive();
        }

        /** The client's first stream says that it keeps this one, and is out of the application's sight. */
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            boolean isControl = role == QuicRole.SERVER
                    && message instanceof QuicStreamChannel opened
                    && opened.streamId() == ControlStreamHandler.STREAM_ID;
            if (!isControl && !isGiven && message instanceof QuicStreamChannel) {
                early.add(() -> ctx.fireChannelRead(message));
            } else if (!isControl) {
                ctx.fireChannelRead(message);
            } else if (kept.isDone()) {
                ctx.close();
            } else {
                QuicStreamChannel stream = (QuicStreamChannel) message;
                stream.pipeline().addLast(control);
                ctx.channel().eventLoop().register(stream);
                keep((QuicChannel) ctx.channel(), synthetic);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            boolean isFailure = event instanceof SslHandshakeCompletionEvent completion && !completion.isSuccess();
            if (isFailure && tls.refusal().isPresent()) {
                refusals.accept(synthetic);
            }
            ctx.fireUserEventTriggered(event);
        }

        /** A handshake that fails is one less; who it was with is remembered as {@link #refusal}. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!(cause instanceof SSLHandshakeException)) {
                ctx.fireExceptionCaught(cause);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            contenders.remove((QuicChannel) ctx.channel());
            ctx.fireChannelInactive();
        }
    }
}
