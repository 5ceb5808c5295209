package dev.floe.signaling.server;

import dev.floe.signaling.SignalingException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import io.netty.handler.timeout.ReadTimeoutException;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's end of one WebSocket, whole messages in: what rooms and the relay have in common. */
abstract class ServedClientHandler extends SimpleChannelInboundHandler<WebSocketFrame> {

    private static final Logger log = LoggerFactory.getLogger(ServedClientHandler.class);
    private static final int LINGER_SECONDS = 2;

    // A browser's close() gives no reason (RFC 6455 §7.1.5).
    private static final int NO_STATUS = -1;

    final SignalingNode node;
    final InetAddress address;
    private boolean isOver;

    /** @param address the client's, as the limits per address see it */
    ServedClientHandler(SignalingNode node, InetAddress address) {
        this.node = node;
        this.address = address;
    }

    /** The WebSocket is open. */
    abstract void opened(ChannelHandlerContext ctx);

    /** The client says something; the caller releases the frame. */
    abstract void heard(ChannelHandlerContext ctx, WebSocketFrame frame);

    /** The client has answered a ping; the caller releases the payload. */
    void ponged(ByteBuf payload) {}

    /**
     * The client is gone, or as good as gone; comes once.
     *
     * @param isForGood whether it has said so or has been thrown out, and so will not come back
     */
    abstract void gone(boolean isForGood);

    @Override
    public final void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof HandshakeComplete) {
            opened(ctx);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    protected final void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
        if (isOver) {
            return;
        }
        if (frame instanceof PongWebSocketFrame) {
            ponged(frame.content());
        } else if (frame instanceof CloseWebSocketFrame close) {
            answer(ctx, close);
        } else if (node.addresses().admitsMessage(address)) {
            node.metrics().messageReceived();
            heard(ctx, frame);
        } else {
            refuse(ctx, new SignalingException(SignalingException.TOO_MUCH_SAID, "too many messages from one address"));
        }
    }

    @Override
    public final void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!ctx.channel().isWritable()) {
            log.debug("cutting off {}: it does not read", ctx.channel().remoteAddress());
            node.metrics().refused("slow-reader");
            ctx.close();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("closing {}: {}", ctx.channel().remoteAddress(), cause.toString());
        if (cause instanceof TooLongFrameException) {
            node.metrics().refused("too-long");
            close(ctx, WebSocketCloseStatus.MESSAGE_TOO_BIG, "message too long");
        } else {
            node.metrics().refused(cause instanceof ReadTimeoutException ? "idle" : "broken");
            ctx.close();
        }
    }

    @Override
    public final void handlerRemoved(ChannelHandlerContext ctx) {
        end(false);
    }

    /** Says why, closes, and lingers until the client has had the time to read it. */
    final void refuse(ChannelHandlerContext ctx, SignalingException why) {
        if (!isOver) {
            node.metrics().refused(why.code());
            sayError(ctx, why);
            boolean isForNow = why.code().equals(SignalingException.UNAVAILABLE);
            close(
                    ctx,
                    isForNow ? WebSocketCloseStatus.TRY_AGAIN_LATER : WebSocketCloseStatus.POLICY_VIOLATION,
                    why.code());
        }
    }

    /** Tells the client in its own protocol what is wrong, if that has words for it. */
    void sayError(ChannelHandlerContext ctx, SignalingException why) {}

    private void close(ChannelHandlerContext ctx, WebSocketCloseStatus status, String reason) {
        end(!status.equals(WebSocketCloseStatus.TRY_AGAIN_LATER));
        ctx.writeAndFlush(new CloseWebSocketFrame(status, reason));
        ctx.executor().schedule(() -> ctx.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }

    private void answer(ChannelHandlerContext ctx, CloseWebSocketFrame close) {
        int status = close.statusCode();
        end(status == NO_STATUS
                || status == WebSocketCloseStatus.NORMAL_CLOSURE.code()
                || status == WebSocketCloseStatus.ENDPOINT_UNAVAILABLE.code());
        ctx.writeAndFlush(close.retain()).addListener(ChannelFutureListener.CLOSE);
    }

    private void end(boolean isForGood) {
        if (!isOver) {
            isOver = true;
            gone(isForGood);
        }
    }
}
