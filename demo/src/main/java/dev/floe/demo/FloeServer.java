package dev.floe.demo;

import dev.floe.signaling.SignalingServer;
import dev.floe.signaling.SignalingServerConfig;
import dev.floe.stun.StunCodec;
import dev.floe.stun.StunServerHandler;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Signaling and STUN: what two peers need to find each other. */
final class FloeServer implements AutoCloseable {

    private final SignalingServer signaling;
    private final Optional<Channel> stun;

    private FloeServer(SignalingServer signaling, Optional<Channel> stun) {
        this.signaling = signaling;
        this.stun = stun;
    }

    /**
     * Starts both, and blocks until they listen.
     *
     * @param host where to listen, or the wildcard address
     * @param port the signaling server's port, 0 for any
     * @param stunPort the STUN server's port, 0 for any; empty for no STUN
     * @throws ExecutionException if one cannot listen; its cause says why
     */
    static FloeServer start(EventLoopGroup group, InetAddress host, int port, OptionalInt stunPort)
            throws ExecutionException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(host, port);
        Future<SignalingServer> signaling = SignalingServer.start(
                group, SignalingServerConfig.builder(address).build());
        SignalingServer started = signaling.get();
        if (stunPort.isEmpty()) {
            return new FloeServer(started, Optional.empty());
        }
        try {
            Channel stun = bindStun(group, new InetSocketAddress(host, stunPort.getAsInt()));
            return new FloeServer(started, Optional.of(stun));
        } catch (ExecutionException e) {
            new FloeServer(started, Optional.empty()).close();
            String where = NetUtil.toAddressString(host) + " port " + stunPort.getAsInt();
            throw new ExecutionException(new IOException(
                    "cannot listen on " + where + " for STUN: " + e.getCause().getMessage(), e.getCause()));
        }
    }

    InetSocketAddress signalingAddress() {
        return signaling.address();
    }

    Optional<InetSocketAddress> stunAddress() {
        return stun.map(channel -> (InetSocketAddress) channel.localAddress());
    }

    /** Completes when the signaling server has stopped listening and all its clients are gone. */
    Future<Void> closed() {
        return signaling.closed();
    }

    /** Stops both, and waits until the signaling server's clients are gone, for a second at most. */
    @Override
    public void close() {
        stun.ifPresent(Channel::close);
        signaling.close();
        signaling.closed().awaitUninterruptibly(1, TimeUnit.SECONDS);
    }

    private static Channel bindStun(EventLoopGroup group, InetSocketAddress address)
            throws ExecutionException, InterruptedException {
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StunCodec(), new StunServerHandler());
                    }
                });
        var bound = bootstrap.bind(address);
        bound.get();
        return bound.channel();
    }
}
