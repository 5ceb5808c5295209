package dev.floe.quic;

import dev.floe.ice.AddressPolicy;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceHandler;
import dev.floe.ice.SharedRelays;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** One peer's part in a {@link PeerPort}. */
final class PortTransport implements PeerTransport {

    private final PeerConfig config;
    private final PeerDemultiplexer demultiplexer;
    private final SharedRelays relays;
    private final PeerChannel channel;
    private PeerEventsHandler events;

    /** @param label as of {@link PeerChannel} */
    PortTransport(PeerConfig config, PeerDemultiplexer demultiplexer, SharedRelays relays, long label) {
        this.config = config;
        this.demultiplexer = demultiplexer;
        this.relays = relays;
        channel = new PeerChannel(demultiplexer, label);
    }

    @Override
    public EventLoop eventLoop() {
        return demultiplexer.channel().eventLoop();
    }

    @Override
    public IceHandler newIceHandler(IceConfig settings) {
        IceHandler ice = new IceHandler(onOneSocket(settings), relays);
        events = new PeerEventsHandler(demultiplexer, channel, ice);
        return ice;
    }

    @Override
    public IcePathHandler newPathHandler(IceHandler ice) {
        return new IcePathHandler(ice, channel.quicAddress());
    }

    @Override
    public ChannelFuture open(ChannelHandler initializer) {
        channel.pipeline().addLast(initializer, new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel filled) {
                filled.pipeline().addLast(events);
            }
        });
        return eventLoop().register(channel);
    }

    @Override
    public QuicEndpoint buildEndpoint(List<Consumer<String>> keyLogs, Duration idleTimeout) {
        SharedCodecHandler link = new SharedCodecHandler(
                demultiplexer,
                channel,
                idleTimeout,
                codec -> QuicEndpoint.onShared(codec, config, keyLogs, eventLoop()));
        link.endpoint().connection().addListener((Future<QuicChannel> connected) -> {
            if (connected.isSuccess()) {
                events.connected();
            }
        });
        return link.endpoint();
    }

    /** A peer's channel has no sockets beside it, and its relays are the port's. */
    private IceConfig onOneSocket(IceConfig settings) {
        IceConfig.Builder shared = settings.toBuilder().turnServers(relays.servers());
        if (settings.addressPolicy() == AddressPolicy.ALL) {
            shared.addressPolicy(AddressPolicy.DEFAULT_ROUTE);
        }
        return shared.build();
    }
}
