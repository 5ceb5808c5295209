package dev.floe.demo;

import dev.floe.signaling.SignalingServer;
import dev.floe.signaling.SignalingServerConfig;
import dev.floe.stun.StunServer;
import dev.floe.stun.StunServerConfig;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Signaling and STUN: what two peers need to find each other. */
final class FloeServer implements AutoCloseable {

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
            return new FloeServer(
                    started, Optional.of(StunServer.start(group, stun.get()).get()));
        } catch (ExecutionException e) {
            new FloeServer(started, Optional.empty()).close();
            throw e;
        }
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
