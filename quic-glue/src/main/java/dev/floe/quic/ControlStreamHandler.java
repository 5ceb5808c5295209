package dev.floe.quic;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamPriority;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one end of the control stream: stream 0 of a connection whose peers both offer it. It ends with a reset when the
 * other side says what is none of its language, and quietly when the other side ends it; the connection goes on without it.
 */
final class ControlStreamHandler extends SimpleChannelInboundHandler<ControlFrame> {

    /** The client's first bidirectional stream (RFC 9000 §2.1). */
    static final long STREAM_ID = 0;

    /** How many frames may wait for the other side's flow control; the rest is dropped. */
    static final int MAX_WAITING = 256;

    /** The error code of a reset because of a malformed frame. */
    static final int MALFORMED = 1;

    /** Who speaks over the stream. */
    interface Speaker {

        /** The stream is there. */
        void opened(ControlStreamHandler stream);

        /** The other side has said something. */
        void heard(ControlFrame frame);
    }

    private static final Logger log = LoggerFactory.getLogger(ControlStreamHandler.class);

    // Before all of the application's, whose streams have 127 (RFC 9218 knows no more than 8 such levels, quiche 256).
    private static final QuicStreamPriority FIRST = new QuicStreamPriority(0, false);

    private final Speaker speaker;
    private ChannelHandlerContext ctx;
    private int waiting;
    private long dropped;

    ControlStreamHandler(Speaker speaker) {
        this.speaker = speaker;
    }

    /** Says something, as soon as flow control lets it pass; nothing once the stream has ended. On the event loop. */
    void say(ControlFrame frame) {
        if (!isOpen() || waiting == MAX_WAITING) {
            dropped++;
            return;
        }
        waiting++;
        ctx.writeAndFlush(frame).addListener(written -> {
            waiting--;
            if (!written.isSuccess()) {
                log.debug("not said over the control stream: {}", String.valueOf(written.cause()));
            }
        });
    }

    boolean isOpen() {
        return ctx != null && ctx.channel().isActive();
    }

    /** How many frames were not said. */
    long dropped() {
        return dropped;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        ctx.pipeline().addBefore(ctx.name(), null, new ControlFrameCodec(System::nanoTime));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ((QuicStreamChannel) ctx.channel()).updatePriority(FIRST);
        speaker.opened(this);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ControlFrame frame) {
        speaker.heard(frame);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("the control stream ends: {}", cause.getMessage());
        if (cause instanceof DecoderException) {
            ((QuicStreamChannel) ctx.channel()).shutdown(MALFORMED, ctx.newPromise());
        }
        ctx.close();
    }
}
