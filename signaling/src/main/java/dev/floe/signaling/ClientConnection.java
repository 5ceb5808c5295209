package dev.floe.signaling;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;

/** One WebSocket of a client, or the attempt at one; ends once. Confined to the client's event loop. */
final class ClientConnection extends SimpleChannelInboundHandler<WebSocketFrame> {

    private final ClientLink link;
    private final ClientSession session;
    private final ServerUri server;
    private Channel channel;
    private Future<?> deadline;
    private boolean isOver;

    ClientConnection(ClientLink link, ClientSession session, ServerUri server) {
        this.link = link;
        this.session = session;
        this.server = server;
    }

    ServerUri server() {
        return server;
    }

    boolean isOver() {
        return isOver;
    }

    /** This ends it unless it is {@link #settled} before. */
    void expectWithin(Future<?> newDeadline) {
        deadline = newDeadline;
    }

    /** It is of use, and need not hurry any more. */
    void settled() {
        deadline.cancel(false);
    }

    /** This is the channel that it is on, or that it tries to get on. */
    void connecting(Channel attempt) {
        channel = attempt;
        if (isOver) {
            attempt.close();
        }
    }

    void say(String text) {
        channel.writeAndFlush(new TextWebSocketFrame(text));
    }

    /** Ends it for good, so that the server need not wait for this client to come back. */
    Future<Void> leave() {
        end();
        channel.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                .addListener(ChannelFutureListener.CLOSE);
        return channel.closeFuture();
    }

    /** Ends it for a reason. */
    void fail(SignalingException cause) {
        if (!isOver) {
            end();
            if (channel != null) {
                channel.close();
            }
            link.lost(this, cause);
        }
    }

    /** Ends it without a word. */
    void abandon() {
        end();
        if (channel != null) {
            channel.close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
            ctx.pipeline()
                    .addBefore(
                            ctx.pipeline()
                                    .context(WebSocketClientProtocolHandler.class)
                                    .name(),
                            null,
                            session.keepAlive());
            if (!isOver) {
                session.opened();
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
        if (isOver) {
            return;
        }
        if (frame instanceof CloseWebSocketFrame close) {
            fail(ConnectionFailures.closed(server, ": " + close.statusCode() + " " + close.reasonText()));
        } else {
            session.heard(frame.content().toString(StandardCharsets.UTF_8));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(ConnectionFailures.closed(server, ""));
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ConnectionFailures.of(server, cause));
    }

    private void end() {
        isOver = true;
        deadline.cancel(false);
    }
}
