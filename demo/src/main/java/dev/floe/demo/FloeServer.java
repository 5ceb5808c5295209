package dev.floe.demo;

import dev.floe.signaling.SignalingServer;
import dev.floe.signaling.SignalingServerConfig;
import dev.floe.stun.StunClientHandler;
import dev.floe.stun.StunCodec;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.StunServer;
import dev.floe.stun.StunServerConfig;
import dev.floe.stun.TransactionId;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Signaling and STUN: what two peers need to find each other. */
final class FloeServer implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 1000;

    private final SignalingServer signaling;
    private final Optional<StunServer> stun;

    private FloeServer(SignalingServer signaling, Optional<StunServer> stun) {
        this.signaling = signaling;
        this.stun = stun;
    }

    /**
     * Starts both, and blocks until they listen.
     *
     * @param stun how to serve STUN; empty for no STUN
     * @throws ExecutionException if one cannot listen; its cause says why
     */
    static FloeServer start(EventLoopGroup group, SignalingServerConfig config, Optional<StunServerConfig> stun)
            throws ExecutionException, InterruptedException {
        SignalingServer started = SignalingServer.start(group, config).get();
        if (stun.isEmpty()) {
            return new FloeServer(started, Optional.empty());
        }
        try {
            StunServer answering = StunServer.start(group, stun.get()).get();
            answering.addresses().stream().limit(1).forEach(address -> ask(group, address));
            return new FloeServer(started, Optional.of(answering));
        } catch (ExecutionException e) {
            new FloeServer(started, Optional.empty()).close();
            throw e;
        }
    }

    /** A cold process may take longer over its first answer than a peer waits, so it gives that to itself. */
    private static void ask(EventLoopGroup group, InetSocketAddress server) {
        StunClientHandler client = new StunClientHandler();
        InetSocketAddress address = server.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort())
                : server;
        Channel port = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StunCodec(), client);
                    }
                })
                .bind(0)
                .syncUninterruptibly()
                .channel();
        StunMessage request = StunMessage.request(StunMethod.BINDING, TransactionId.random(new SecureRandom()))
                .build();
        client.request(request, address).awaitUninterruptibly(PATIENCE_MILLIS);
        port.close();
    }

    InetSocketAddress signalingAddress() {
        return signaling.address();
    }

    /** The main one first; none without STUN. */
    List<InetSocketAddress> stunAddresses() {
        return stun.map(StunServer::addresses).orElse(List.of());
    }

    /** Completes when the signaling server has stopped listening and all its clients are gone. */
    Future<Void> closed() {
        return signaling.closed();
    }

    /** Stops both, and waits until the signaling server's clients are gone, for a few seconds at most. */
    @Override
    public void close() {
        stun.ifPresent(StunServer::close);
        signaling.close();
        signaling.closed().awaitUninterruptibly(3, TimeUnit.SECONDS);
    }
}
