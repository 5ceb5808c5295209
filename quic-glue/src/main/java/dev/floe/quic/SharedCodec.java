package dev.floe.quic;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.AttributeKey;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The one QUIC server codec of a port: what each connection of it is and does is the affair of its peer's endpoint. */
final class SharedCodec {

    private static final AttributeKey<QuicEndpoint> ENDPOINT = AttributeKey.valueOf(SharedCodec.class, "endpoint");

    private SharedCodec() {}

    /**
     * Takes milliseconds, and in a cold JVM much more.
     *
     * @param ids know for which peer the codec is at work
     */
    static ChannelHandler build(PeerConfig config, PeerConnectionIds ids) {
        WarmUp.once(config.identity);
        QuicServerCodecBuilder builder = QuicTuning.apply(new QuicServerCodecBuilder())
                .localConnectionIdLength(PeerConnectionIds.LENGTH)
                .maxIdleTimeout(Duration.ZERO.toMillis(), TimeUnit.MILLISECONDS)
                .sslEngineProvider(connection -> newEngine(ids.current(), connection));
        config.datagramHandler.ifPresent(
                wanted -> builder.datagram(QuicEndpoint.MAX_DATAGRAMS, QuicEndpoint.MAX_DATAGRAMS));
        return builder.connectionIdAddressGenerator(ids)
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, QuicTuning.segments(config.channelType))
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel connection) {
                        connection.pipeline().addLast(endpoint(connection).connectionHandler());
                    }
                })
                .streamHandler(new ChannelInitializer<QuicStreamChannel>() {
                    @Override
                    protected void initChannel(QuicStreamChannel stream) {
                        stream.pipeline().addLast(endpoint(stream.parent()).streamInitializer());
                    }
                })
                .build();
    }

    private static QuicSslEngine newEngine(PeerChannel peer, QuicChannel connection) {
        SharedCodecHandler link = peer.pipeline().get(SharedCodecHandler.class);
        connection.attr(ENDPOINT).set(link.endpoint());
        link.begun(connection);
        return link.endpoint().newEngine(connection);
    }

    private static QuicEndpoint endpoint(Channel connection) {
        return connection.attr(ENDPOINT).get();
    }
}
