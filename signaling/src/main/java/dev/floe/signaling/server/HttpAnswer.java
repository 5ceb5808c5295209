package dev.floe.signaling.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** What a request gets that does not become a WebSocket; the connection is closed after it. */
record HttpAnswer(HttpResponseStatus status, String type, String body) {

    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String HTML = "text/html; charset=utf-8";
    private static final String JSON = "application/json";

    // What Prometheus asks for by default.
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

    static HttpAnswer line(HttpResponseStatus status, String line) {
        return new HttpAnswer(status, TEXT, line + "\n");
    }

    static HttpAnswer html(String page) {
        return new HttpAnswer(HttpResponseStatus.OK, HTML, page);
    }

    static HttpAnswer json(String object) {
        return new HttpAnswer(HttpResponseStatus.OK, JSON, object + "\n");
    }

    static HttpAnswer metrics(String scrape) {
        return new HttpAnswer(HttpResponseStatus.OK, METRICS, scrape);
    }

    void send(ChannelHandlerContext ctx, HttpMethod method) {
        ByteBuf content = ByteBufUtil.writeUtf8(ctx.alloc(), body);
        int length = content.readableBytes();
        if (method.equals(HttpMethod.HEAD)) {
            content.clear();
        }
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, content);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .set(HttpHeaderNames.CONTENT_LENGTH, length)
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
            response.headers()
                    .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
                    .add(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        }
        ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }
}
