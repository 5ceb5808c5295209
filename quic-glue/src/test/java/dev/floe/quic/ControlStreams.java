package dev.floe.quic;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.lang.reflect.Field;
import java.util.concurrent.TimeUnit;

/** The control stream as no application sees it. */
final class ControlStreams {

    private ControlStreams() {}

    /** The stream itself, for bytes of any kind. */
    static QuicStreamChannel of(QuicChannel connection) throws Exception {
        ControlStreamHandler handler = get(inBand(connection), "stream", ControlStreamHandler.class);
        return (QuicStreamChannel)
                get(handler, "ctx", ChannelHandlerContext.class).channel();
    }

    /** Returns when the other side's fresh credentials have come. */
    static void awaitEstablished(QuicChannel connection) throws Exception {
        InBandSignaling inBand = inBand(connection);
        while (!connection.eventLoop().submit(inBand::isEstablished).get(10, TimeUnit.SECONDS)) {
            connection.eventLoop().schedule(() -> {}, 5, TimeUnit.MILLISECONDS).get(10, TimeUnit.SECONDS);
        }
    }

    private static InBandSignaling inBand(QuicChannel connection) throws ReflectiveOperationException {
        return get(PeerConnection.of(connection), "inBand", InBandSignaling.class);
    }

    private static <T> T get(Object owner, String name, Class<T> type) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return type.cast(field.get(owner));
    }
}
