package dev.floe.quic;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Ends a QUIC connection so that the other side understands. A client that is not sure yet that the server has completed
 * the handshake waits for that, a second at most. Until then quiche would put its own close into a Handshake packet, for
 * which the server has no keys any more; and an application's close together with a probe that is due makes it send
 * Handshake packets without end.
 */
final class FarewellHandler extends ChannelOutboundHandlerAdapter {

    private final QuicRole role;
    private boolean isClosing;

    FarewellHandler(QuicRole role) {
        this.role = role;
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        IcePathHandler path = ctx.channel().parent().pipeline().get(IcePathHandler.class);
        if (role == QuicRole.SERVER
                || !ctx.channel().isActive()
                || path == null
                || path.confirmed().isDone()) {
            closeNow(ctx, promise);
            return;
        }
        path.confirmed().addListener(confirmed -> closeNow(ctx, promise));
        Future<?> limit = ctx.executor().schedule(() -> ctx.close(promise), 1, TimeUnit.SECONDS);
        promise.addListener(closed -> limit.cancel(false));
    }

    /** As an application does, if the close says nothing else: that one quiche sends to be understood. */
    private void closeNow(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (isClosing || !ctx.channel().isActive()) {
            ctx.close(promise);
        } else {
            isClosing = true;
            ((QuicChannel) ctx.channel()).close(true, 0, Unpooled.EMPTY_BUFFER, promise);
        }
    }
}
