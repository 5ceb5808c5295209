package dev.floe.quic;

import dev.floe.quic.draft.TraversalException;
import dev.floe.quic.draft.TraversalFrame;
import dev.floe.quic.draft.TraversalFrameCodec;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one end of the stream that carries the frames of {@link ConnectMethod#DRAFT}: stream 4, the client's second. It ends
 * with a reset of the draft's error code when the other side says what the draft forbids; the connection goes on where it
 * is.
 */
final class TraversalStreamHandler extends SimpleChannelInboundHandler<TraversalFrame> {

    /** The client's second bidirectional stream (RFC 9000 §2.1). */
    static final long STREAM_ID = 4;

    /** How many frames may wait for the other side's flow control; the rest is dropped. */
    static final int MAX_WAITING = 256;

    private static final Logger log = LoggerFactory.getLogger(TraversalStreamHandler.class);

    private final TraversalHandler traversal;
    private ChannelHandlerContext ctx;
    private int waiting;

    TraversalStreamHandler(TraversalHandler traversal) {
        this.traversal = traversal;
    }

    /** Says something, as soon as flow control lets it pass; nothing once the stream has ended. On the event loop. */
    void say(TraversalFrame frame) {
        if (ctx.channel().isActive() && waiting < MAX_WAITING) {
            waiting++;
            ctx.writeAndFlush(frame).addListener(written -> waiting--);
        }
    }

    Channel channel() {
        return ctx.channel();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        ctx.pipeline().addBefore(ctx.name(), null, new TraversalFrameCodec());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        traversal.opened(this);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, TraversalFrame frame) {
        traversal.heard(frame);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("no more addresses are told: {}", cause.getMessage());
        if (cause instanceof TraversalException forbidden) {
            ((QuicStreamChannel) ctx.channel()).shutdown(forbidden.code(), ctx.newPromise());
        }
        ctx.close();
    }
}
