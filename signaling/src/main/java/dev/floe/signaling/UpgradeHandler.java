package dev.floe.signaling;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a connection's one HTTP request, and turns the connection into a WebSocket of the room or the relay that its
 * path names. Everything else gets one line of text and is closed.
 */
final class UpgradeHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final Logger log = LoggerFactory.getLogger(UpgradeHandler.class);
    private static final String RELAY = "/";
    private static final String ROOMS = "/v1/rooms/";

    private final SignalingServerConfig config;
    private final ChannelGroup clients;
    private final ChannelGroup relay;
    private final RoomStore rooms;
    private Future<?> deadline;

    UpgradeHandler(SignalingServerConfig config, ChannelGroup clients, ChannelGroup relay, RoomStore rooms) {
        this.config = config;
        this.clients = clients;
        this.relay = relay;
        this.rooms = rooms;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        deadline = ctx.executor()
                .schedule(() -> ctx.close(), config.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        deadline.cancel(false);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        String path = request.uri().split("\\?", 2)[0];
        boolean isWebSocket =
                request.headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
        if (!request.decoderResult().isSuccess()) {
            answer(ctx, HttpResponseStatus.BAD_REQUEST, "not an HTTP request");
        } else if (!path.equals(RELAY) && !path.startsWith(ROOMS)) {
            answer(ctx, HttpResponseStatus.NOT_FOUND, "nothing here; rooms are at /v1/rooms/ROOM, the relay is at /");
        } else if (!isWebSocket) {
            answer(ctx, HttpResponseStatus.UPGRADE_REQUIRED, "this is for WebSockets");
        } else if (clients.size() > config.maxClients()) {
            answer(ctx, HttpResponseStatus.SERVICE_UNAVAILABLE, "too many clients");
        } else {
            upgrade(ctx, request, path);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("closing {} before it is a WebSocket: {}", ctx.channel().remoteAddress(), cause.toString());
        ctx.close();
    }

    private void upgrade(ChannelHandlerContext ctx, FullHttpRequest request, String path) {
        ChannelHandler client;
        try {
            client = path.equals(RELAY)
                    ? new RelayHandler(relay)
                    : new RoomHandler(rooms, RoomName.ofPathSegment(path.substring(ROOMS.length())));
        } catch (IllegalArgumentException e) {
            answer(ctx, HttpResponseStatus.BAD_REQUEST, e.getMessage());
            return;
        }
        ctx.pipeline()
                .addLast(new KeepAliveHandler(config.pingInterval(), config.idleTimeout()))
                .addLast(new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                        .websocketPath(request.uri())
                        .handshakeTimeoutMillis(config.handshakeTimeout().toMillis())
                        .sendCloseFrame(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE)
                        .decoderConfig(WebSocketDecoderConfig.newBuilder()
                                .maxFramePayloadLength(config.maxMessageBytes())
                                .build())
                        .build()))
                .addLast(new WebSocketFrameAggregator(config.maxMessageBytes()))
                .addLast(client);
        ctx.fireChannelRead(request.retain());
        ctx.pipeline().remove(this);
    }

    private static void answer(ChannelHandlerContext ctx, HttpResponseStatus status, String line) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, ByteBufUtil.writeUtf8(ctx.alloc(), line + "\n"));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
            response.headers()
                    .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
                    .add(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        }
        ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }
}
