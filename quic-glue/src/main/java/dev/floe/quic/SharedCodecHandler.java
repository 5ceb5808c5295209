package dev.floe.quic;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Stands in a peer's pipeline where its QUIC codec would, behind the path layer, and passes between that and the codec of
 * the port that all peers share. When it goes, the peer's connections are closed, as a codec that goes closes its own.
 */
final class SharedCodecHandler extends ChannelInboundHandlerAdapter {

    private final PeerDemultiplexer demultiplexer;
    private final PeerChannel peer;
    private final Duration idleTimeout;
    private final QuicEndpoint endpoint;
    private final Set<QuicChannel> connections = new LinkedHashSet<>();
    private ChannelHandlerContext ctx;

    /**
     * @param idleTimeout after which a connection that hears nothing is closed, zero for none: the codec has one
     *     setting for all of its connections
     * @param endpoint makes this peer's end around this handler
     */
    SharedCodecHandler(
            PeerDemultiplexer demultiplexer,
            PeerChannel peer,
            Duration idleTimeout,
            Function<SharedCodecHandler, QuicEndpoint> endpoint) {
        this.demultiplexer = demultiplexer;
        this.peer = peer;
        this.idleTimeout = idleTimeout;
        this.endpoint = endpoint.apply(this);
    }

    QuicEndpoint endpoint() {
        return endpoint;
    }

    /** The codec has a new connection for this peer. */
    void begun(QuicChannel connection) {
        connections.add(connection);
        connection.closeFuture().addListener(closed -> connections.remove(connection));
    }

    /**
     * Closes the peer's connections.
     *
     * @return whether there is one
     */
    boolean closeAll() {
        List<QuicChannel> closing = List.copyOf(connections);
        closing.forEach(QuicChannel::close);
        return !closing.isEmpty();
    }

    /** Takes what the codec sends to the peer. */
    ChannelFuture write(DatagramPacket packet) {
        return ctx.write(packet);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        if (!idleTimeout.isZero()) {
            ctx.pipeline()
                    .addBefore(
                            ctx.name(),
                            null,
                            new IdleStateHandler(idleTimeout.toMillis(), 0, 0, TimeUnit.MILLISECONDS));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent) {
            closeAll();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        closeAll();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket packet) {
            demultiplexer.toCodec(peer, packet);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        demultiplexer.codecReadComplete();
    }

    /** The path layer has the codec go on with TLS: with what it has just been handed, not with all peers' connections. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        demultiplexer.codecReadComplete();
    }
}
