package dev.floe.signaling;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's end of one WebSocket, whole messages in: what rooms and the relay have in common. */
abstract class ServedClientHandler extends SimpleChannelInboundHandler<WebSocketFrame> {

    private static final Logger log = LoggerFactory.getLogger(ServedClientHandler.class);
    private static final int LINGER_SECONDS = 2;

    private boolean refused;

    /** The WebSocket is open. */
    abstract void opened(ChannelHandlerContext ctx);

    /** The client says something; the caller releases the frame. */
    abstract void heard(ChannelHandlerContext ctx, WebSocketFrame frame);

    /** The client is gone, or as good as gone; may come more than once. */
    abstract void gone(ChannelHandlerContext ctx);

    @Override
    public final void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof HandshakeComplete) {
            opened(ctx);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    protected final void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
        if (!refused) {
            heard(ctx, frame);
        }
    }

    @Override
    public final void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!ctx.channel().isWritable()) {
            log.debug("cutting off {}: it does not read", ctx.channel().remoteAddress());
            ctx.close();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("closing {}: {}", ctx.channel().remoteAddress(), cause.toString());
        if (cause instanceof TooLongFrameException) {
            refuse(ctx, WebSocketCloseStatus.MESSAGE_TOO_BIG, "message too long");
        } else {
            ctx.close();
        }
    }

    @Override
    public final void handlerRemoved(ChannelHandlerContext ctx) {
        gone(ctx);
    }

    /** Closes with a reason, and lingers until the client has had the time to read it. */
    final void refuse(ChannelHandlerContext ctx, WebSocketCloseStatus status, String reason) {
        refused = true;
        gone(ctx);
        ctx.writeAndFlush(new CloseWebSocketFrame(status, reason));
        ctx.executor().schedule(() -> ctx.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }
}
