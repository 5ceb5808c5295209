package dev.floe.demo.readme;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.DescriptionExchange;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceHandler;
import dev.floe.ice.IceRole;
import dev.floe.quic.IcePathHandler;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.QuicRole;
import dev.floe.quic.QuicSwapHandler;
import dev.floe.quic.QuicTuning;
import dev.floe.signaling.SignalingClient;
import dev.floe.signaling.SignalingServer;
import dev.floe.signaling.SignalingServerConfig;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunClientHandler;
import dev.floe.stun.StunCodec;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.StunServerHandler;
import dev.floe.stun.TransactionId;
import dev.floe.stun.turn.TurnClientHandler;
import dev.floe.stun.turn.TurnServer;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;

/** The code that README.md shows; {@link ReadmeTest} compares the two and runs it. */
final class ReadmeSnippets {

    private ReadmeSnippets() {}

    static QuicChannel connect(EventLoopGroup group, URI server, InetSocketAddress stun, ChannelHandler printer)
            throws Exception {
        // snippet: connect
        SignalingClient signaling =
                SignalingClient.joinRoom(group, server, "my-room").get();
        PeerConfig config = PeerConfig.builder(group, PeerIdentity.generate())
                .stunServers(List.of(stun))
                .build();
        QuicChannel connection =
                PeerConnection.answer(config, signaling::trickle).get();
        connection
                .createStream(QuicStreamType.BIDIRECTIONAL, printer)
                .get()
                .writeAndFlush(Unpooled.copiedBuffer("Hello!", StandardCharsets.UTF_8));
        // end
        return connection;
    }

    static Future<SignalingServer> serveSignaling(EventLoopGroup group) {
        // snippet: signaling
        Future<SignalingServer> server =
                SignalingServer.start(group, SignalingServerConfig.builder(0).build());
        // end
        return server;
    }

    // snippet: bind
    static Channel bind(EventLoopGroup group, ChannelHandler... handlers) throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handlers);
                    }
                })
                .bind(0)
                .sync()
                .channel();
    }
    // end

    static Channel serveStun(EventLoopGroup group) throws Exception {
        // snippet: stun-server
        Channel channel = bind(group, new StunCodec(), new StunServerHandler());
        // end
        return channel;
    }

    static InetSocketAddress askStun(EventLoopGroup group, InetSocketAddress server) throws Exception {
        // snippet: stun-client
        StunClientHandler client = new StunClientHandler();
        Channel channel = bind(group, new StunCodec(), client);
        StunMessage request = StunMessage.request(StunMethod.BINDING, TransactionId.random(new SecureRandom()))
                .build();
        StunMessage response = client.request(request, server).get();
        InetSocketAddress seenAs =
                response.find(XorMappedAddress.class).orElseThrow().address();
        // end
        channel.close().sync();
        return seenAs;
    }

    static Channel ice(EventLoopGroup group, IceRole role, DescriptionExchange exchange) throws Exception {
        // snippet: ice
        IceHandler ice = new IceHandler(IceConfig.of(role, List.of()));
        Channel channel = bind(group, new StunCodec(), ice);
        IceDescription local = ice.gather().get();
        ice.setRemoteDescription(exchange.exchange(local).get());
        CandidatePair pair = ice.connected().get();
        channel.writeAndFlush(
                new DatagramPacket(Unpooled.copiedBuffer("Hi!", StandardCharsets.UTF_8), pair.remoteAddress()));
        // end
        return channel;
    }

    static Channel relay(EventLoopGroup group, TurnServer server, InetSocketAddress peer) throws Exception {
        // snippet: relay
        TurnClientHandler turn = new TurnClientHandler(server);
        Channel channel = bind(group, turn);
        InetSocketAddress relayed = turn.allocate().get().relayed().get(0);
        channel.writeAndFlush(new DatagramPacket(Unpooled.copiedBuffer("Hi!", StandardCharsets.UTF_8), peer, relayed));
        // end
        return channel;
    }

    static Future<Channel> swap(Channel channel, IceHandler ice, QuicSslContext tls) {
        // snippet: swap
        IcePathHandler path = new IcePathHandler(ice);
        ChannelHandler codec =
                QuicTuning.apply(new QuicClientCodecBuilder()).sslContext(tls).build();
        QuicSwapHandler swap = new QuicSwapHandler(path, codec, QuicRole.CLIENT, false);
        channel.pipeline().addLast(swap);
        Future<Channel> swapped = swap.swapped();
        // end
        return swapped;
    }
}
