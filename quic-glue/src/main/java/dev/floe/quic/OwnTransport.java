package dev.floe.quic;

import dev.floe.ice.IceConfig;
import dev.floe.ice.IceHandler;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** A datagram channel for one connection alone. */
final class OwnTransport implements PeerTransport {

    private final QuicRole role;
    private final PeerConfig config;
    private final boolean isWarmedUp;
    private final EventLoop eventLoop;

    /** @param isWarmedUp whether the first connection of a cold JVM is to come after a {@link WarmUp} */
    OwnTransport(QuicRole role, PeerConfig config, boolean isWarmedUp) {
        this.role = role;
        this.config = config;
        this.isWarmedUp = isWarmedUp;
        eventLoop = config.group.next();
    }

    @Override
    public EventLoop eventLoop() {
        return eventLoop;
    }

    @Override
    public IceHandler newIceHandler(IceConfig settings) {
        return new IceHandler(settings);
    }

    @Override
    public IcePathHandler newPathHandler(IceHandler ice) {
        return new IcePathHandler(ice);
    }

    @Override
    public ChannelFuture open(ChannelHandler initializer) {
        return new Bootstrap()
                .group(eventLoop)
                .channel(config.channelType)
                .option(ChannelOption.SO_RCVBUF, QuicTuning.RECEIVE_BUFFER)
                .handler(initializer)
                .bind(config.bindAddress);
    }

    @Override
    public QuicEndpoint buildEndpoint(List<Consumer<String>> keyLogs, Duration idleTimeout) {
        if (isWarmedUp) {
            WarmUp.once(config.identity);
        }
        return QuicEndpoint.build(role, config, keyLogs, eventLoop, idleTimeout);
    }
}
