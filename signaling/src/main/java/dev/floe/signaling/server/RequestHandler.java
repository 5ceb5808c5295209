package dev.floe.signaling.server;

import dev.floe.signaling.SignalingServerConfig;
import dev.floe.signaling.room.RoomName;
import dev.floe.signaling.wire.KeepAliveHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a connection's one HTTP request, and turns the connection into a WebSocket of the room or the relay that its
 * path names. Everything else gets an answer and is closed.
 */
final class RequestHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final Logger log = LoggerFactory.getLogger(RequestHandler.class);
    private static final String RELAY = "/";
    private static final String ROOMS = "/v1/rooms/";
    private static final String HEALTH = "/healthz";
    private static final String METRICS = "/metrics";

    private final SignalingNode node;
    private final Gate gate;
    private InetAddress address;
    private Future<?> deadline;

    RequestHandler(SignalingNode node, InetAddress address) {
        this.node = node;
        this.address = address;
        gate = new Gate(node.config().access());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        node.addresses().addConnection(address);
        ctx.channel().closeFuture().addListener(closed -> node.addresses().removeConnection(address));
        deadline = ctx.executor()
                .schedule(
                        () -> ctx.close(),
                        node.config().connections().handshakeTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        deadline.cancel(false);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (!request.decoderResult().isSuccess()) {
            refuse(ctx, request, HttpResponseStatus.BAD_REQUEST, "not an HTTP request");
            return;
        }
        know(gate.address(request, address));
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        String path = uri.rawPath();
        boolean isWebSocket =
                request.headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
        if (node.addresses().hasTooManyConnections(address, 1)) {
            refuse(ctx, request, HttpResponseStatus.TOO_MANY_REQUESTS, "too many connections from this address");
        } else if (isWebSocket && (path.equals(RELAY) || path.startsWith(ROOMS))) {
            admit(ctx, request, uri);
        } else if (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD)) {
            answer(request, uri).send(ctx, request.method());
        } else {
            refuse(ctx, request, HttpResponseStatus.UPGRADE_REQUIRED, "this is for WebSockets");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("closing {} before it is a WebSocket: {}", ctx.channel().remoteAddress(), cause.toString());
        ctx.close();
    }

    /** The client's address is not the connection's if there is a proxy between. */
    private void know(InetAddress client) {
        node.addresses().removeConnection(address);
        address = client;
        node.addresses().addConnection(address);
    }

    private HttpAnswer answer(FullHttpRequest request, QueryStringDecoder uri) {
        String path = uri.rawPath();
        if (path.equals(RELAY)) {
            return HttpAnswer.html(StatusPage.HTML);
        } else if (path.equals(HEALTH)) {
            return HttpAnswer.json(StatusPage.health(node));
        } else if (path.equals(METRICS)) {
            return gate.knowsToken(request, uri)
                    ? HttpAnswer.metrics(node.metrics().scrape())
                    : HttpAnswer.line(HttpResponseStatus.UNAUTHORIZED, "this server asks for a token");
        } else if (path.startsWith(ROOMS)) {
            return HttpAnswer.line(HttpResponseStatus.UPGRADE_REQUIRED, "this is for WebSockets");
        }
        return HttpAnswer.line(
                HttpResponseStatus.NOT_FOUND, "nothing here; rooms are at /v1/rooms/ROOM, the relay is at /");
    }

    private void admit(ChannelHandlerContext ctx, FullHttpRequest request, QueryStringDecoder uri) {
        if (!gate.knowsToken(request, uri)) {
            refuse(ctx, request, HttpResponseStatus.UNAUTHORIZED, "this server asks for a token");
        } else if (!gate.isAllowedOrigin(request)) {
            refuse(ctx, request, HttpResponseStatus.FORBIDDEN, "pages of this origin may not connect");
        } else if (node.webSockets().get() >= node.config().connections().maxClients()) {
            refuse(ctx, request, HttpResponseStatus.SERVICE_UNAVAILABLE, "too many clients");
        } else {
            try {
                upgrade(ctx, request, handler(uri));
            } catch (IllegalArgumentException e) {
                refuse(ctx, request, HttpResponseStatus.BAD_REQUEST, e.getMessage());
            }
        }
    }

    private ServedClientHandler handler(QueryStringDecoder uri) {
        if (uri.rawPath().equals(RELAY)) {
            return new RelayHandler(node, address);
        }
        RoomName name = RoomName.ofPathSegment(uri.rawPath().substring(ROOMS.length()));
        Optional<String> resume = parameter(uri, "resume");
        RoomEntry entry = resume.isPresent()
                ? new RoomEntry.Resume(resume.get(), sequence(uri))
                : new RoomEntry.Join(
                        Secrets.newToken(),
                        Secrets.digest(parameter(uri, "secret").orElse("")));
        return new RoomHandler(node, address, name, entry);
    }

    private void upgrade(ChannelHandlerContext ctx, FullHttpRequest request, ChannelHandler client) {
        node.webSockets().incrementAndGet();
        ctx.channel().closeFuture().addListener(closed -> node.webSockets().decrementAndGet());
        SignalingServerConfig.Connections limits = node.config().connections();
        ctx.pipeline()
                .addLast(new KeepAliveHandler(limits.pingInterval(), limits.idleTimeout()))
                .addLast(new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                        .websocketPath(request.uri())
                        .handshakeTimeoutMillis(limits.handshakeTimeout().toMillis())
                        .sendCloseFrame(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE)
                        .handleCloseFrames(false)
                        .dropPongFrames(false)
                        .decoderConfig(WebSocketDecoderConfig.newBuilder()
                                .maxFramePayloadLength(limits.maxMessageBytes())
                                .build())
                        .build()))
                .addLast(new WebSocketFrameAggregator(limits.maxMessageBytes()))
                .addLast(client);
        ctx.fireChannelRead(request.retain());
        ctx.pipeline().remove(this);
    }

    private void refuse(ChannelHandlerContext ctx, FullHttpRequest request, HttpResponseStatus status, String line) {
        node.metrics().refused(status.codeAsText().toString());
        HttpAnswer.line(status, line).send(ctx, request.method());
    }

    private static long sequence(QueryStringDecoder uri) {
        String digits = parameter(uri, "seq").orElse("0");
        if (!digits.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("seq '" + digits + "', expected a number");
        }
        return Long.parseLong(digits);
    }

    private static Optional<String> parameter(QueryStringDecoder uri, String name) {
        return uri.parameters().getOrDefault(name, List.of()).stream().findFirst();
    }
}
