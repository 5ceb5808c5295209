package dev.floe.demo.bench;

import dev.floe.quic.PeerIdentity;
import dev.floe.quic.QuicTuning;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Netty's way: a QUIC codec and nothing else on the same kind of channel, with the same settings and kind of TLS. */
record PlainLink(QuicChannel client, QuicChannel server, Meter meter) implements Link {

    private static final String ALPN = "floe";

    /** @param serverAddress where the client finds the server, which is bound to the wildcard address as Floe's is */
    static PlainLink connect(Peers peers, InetAddress serverAddress) throws Exception {
        Meter meter = new Meter();
        CompletableFuture<QuicChannel> accepted = new CompletableFuture<>();
        Channel server = bind(peers, peers.serverLoop(), serverCodec(peers, accepted, meter));
        Channel client = bind(peers, peers.clientLoop(), clientCodec(peers.clientIdentity()));
        InetSocketAddress bound = (InetSocketAddress) server.localAddress();
        QuicChannel connected = QuicChannel.newBootstrap(client)
                .handler(new ChannelInboundHandlerAdapter())
                .streamHandler(metered(meter))
                .remoteAddress(new InetSocketAddress(serverAddress, bound.getPort()))
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, QuicTuning.segments(peers.channelType()))
                .connect()
                .sync()
                .getNow();
        return new PlainLink(connected, accepted.get(10, TimeUnit.SECONDS), meter);
    }

    private static Channel bind(Peers peers, EventLoopGroup loop, ChannelHandler codec) throws InterruptedException {
        return new Bootstrap()
                .group(loop)
                .channel(peers.channelType())
                .option(ChannelOption.SO_RCVBUF, QuicTuning.RECEIVE_BUFFER)
                .handler(codec)
                .bind(new InetSocketAddress(0))
                .sync()
                .channel();
    }

    private static ChannelHandler serverCodec(
            Peers peers, CompletableFuture<QuicChannel> accepted, Meter meter) {
        PeerIdentity identity = peers.serverIdentity();
        return QuicTuning.apply(new QuicServerCodecBuilder())
                .sslContext(
                        QuicSslContextBuilder.forServer(identity.privateKey(), null, identity.certificate())
                                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                                .clientAuth(ClientAuth.REQUIRE)
                                .applicationProtocols(ALPN)
                                .build())
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        accepted.complete((QuicChannel) ctx.channel());
                    }
                })
                .streamHandler(metered(meter))
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, QuicTuning.segments(peers.channelType()))
                .build();
    }

    private static ChannelHandler clientCodec(PeerIdentity identity) {
        return QuicTuning.apply(new QuicClientCodecBuilder())
                .sslContext(
                        QuicSslContextBuilder.forClient()
                                .keyManager(identity.privateKey(), null, identity.certificate())
                                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                                .endpointIdentificationAlgorithm(null)
                                .applicationProtocols(ALPN)
                                .build())
                .build();
    }

    private static ChannelInitializer<QuicStreamChannel> metered(Meter meter) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(QuicStreamChannel stream) {
                stream.pipeline().addLast(meter);
            }
        };
    }
}
