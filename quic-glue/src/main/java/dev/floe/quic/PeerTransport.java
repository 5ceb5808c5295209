package dev.floe.quic;

import dev.floe.ice.IceConfig;
import dev.floe.ice.IceHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** What a {@link PeerConnection} stands on: a datagram channel and a codec of its own, or a part in those of a port. */
interface PeerTransport {

    /** Where all of it happens. */
    EventLoop eventLoop();

    /** An agent for the channel that {@link #open} makes. */
    IceHandler newIceHandler(IceConfig config);

    /** A path layer for the same. */
    IcePathHandler newPathHandler(IceHandler ice);

    /**
     * Makes the channel.
     *
     * @param initializer fills its pipeline
     * @return completes when it is bound; fails with what the connection is to fail with
     */
    ChannelFuture open(ChannelHandler initializer);

    /**
     * Sets up QUIC, which takes milliseconds: off the event loop.
     *
     * @param keyLogs hear each line of the TLS key log
     * @param idleTimeout zero for none
     */
    QuicEndpoint buildEndpoint(List<Consumer<String>> keyLogs, Duration idleTimeout);
}
