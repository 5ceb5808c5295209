package dev.floe.quic;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;

/**
 * One of the client's first streams, which is the peers' own and out of the application's sight. It is used once the
 * handshake is complete: what is said on it is for one connection, and early data can be replayed.
 */
final class ReservedStream {

    private final long id;
    private final ChannelHandler handler;
    private QuicStreamChannel stream;

    ReservedStream(long id, ChannelHandler handler) {
        this.id = id;
        this.handler = handler;
    }

    /** As a client that sends early data, whose own streams come behind this one. */
    void openEarly(QuicChannel connection) {
        connection
                .createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInboundHandlerAdapter())
                .addListener((Future<QuicStreamChannel> opened) -> stream = opened.getNow());
    }

    /** As a client whose handshake is complete. */
    void open(QuicChannel connection) {
        if (stream == null) {
            connection.createStream(QuicStreamType.BIDIRECTIONAL, handler);
        } else {
            stream.pipeline().addLast(handler).fireChannelActive();
        }
    }

    /** As a server: whether the stream that the client has opened is this one, which is then used or kept for later. */
    boolean takes(QuicStreamChannel opened) {
        boolean isThis = opened.streamId() == id;
        if (isThis) {
            stream = opened;
            if (opened.parent().isActive()) {
                accept();
            }
        }
        return isThis;
    }

    /** As a server whose handshake is complete. */
    void accept() {
        if (stream != null) {
            stream.pipeline().addLast(handler);
            stream.parent().eventLoop().register(stream);
        }
    }
}
