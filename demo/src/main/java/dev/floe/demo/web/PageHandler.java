package dev.floe.demo.web;

import static io.netty.handler.codec.http.HttpHeaderNames.CACHE_CONTROL;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_LENGTH;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_SECURITY_POLICY;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_TYPE;
import static io.netty.handler.codec.http.HttpHeaderNames.HOST;
import static io.netty.handler.codec.http.HttpHeaderNames.TRANSFER_ENCODING;
import static io.netty.handler.codec.http.HttpHeaderNames.X_FRAME_OPTIONS;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;

/** Answers the requests of one connection: the page, its events, and the page with its events to keep. */
final class PageHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final String HTML = "text/html; charset=utf-8";

    private final PageServer server;

    PageHandler(PageServer server) {
        this.server = server;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (!request.decoderResult().isSuccess()) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST);
        } else if (!isForThisMachine(request.headers().get(HOST))) {
            refuse(ctx, HttpResponseStatus.MISDIRECTED_REQUEST);
        } else if (!request.method().equals(HttpMethod.GET)) {
            refuse(ctx, HttpResponseStatus.METHOD_NOT_ALLOWED);
        } else {
            serve(ctx, new QueryStringDecoder(request.uri()).path());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private void serve(ChannelHandlerContext ctx, String path) {
        switch (path) {
            case "/" -> answer(ctx, HttpResponseStatus.OK, HTML, server.page().live());
            case "/events" -> stream(ctx);
            case "/floe.html" ->
                answer(
                        ctx,
                        HttpResponseStatus.OK,
                        HTML,
                        server.page().of(server.history().lines()));
            default -> refuse(ctx, HttpResponseStatus.NOT_FOUND);
        }
    }

    /** A name that somebody else has made to mean this machine would let their pages read this one. */
    private static boolean isForThisMachine(String host) {
        return host != null && host.matches("(?i)(localhost|127\\.0\\.0\\.1|\\[::1])(:[0-9]{1,5})?");
    }

    private void stream(ChannelHandlerContext ctx) {
        HttpResponse head = guarded(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
        head.headers()
                .set(CONTENT_TYPE, HttpHeaderValues.TEXT_EVENT_STREAM)
                .set(TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        ctx.writeAndFlush(head);
        server.listen(ctx.channel());
    }

    private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status) {
        answer(ctx, status, "text/plain; charset=utf-8", status.reasonPhrase() + "\n");
    }

    private void answer(ChannelHandlerContext ctx, HttpResponseStatus status, String type, String text) {
        ByteBuf body = Unpooled.copiedBuffer(text, UTF_8);
        HttpResponse response = guarded(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body));
        response.headers().set(CONTENT_TYPE, type).set(CONTENT_LENGTH, body.readableBytes());
        ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private HttpResponse guarded(HttpResponse response) {
        response.headers()
                .set(CONTENT_SECURITY_POLICY, server.page().policy() + "; frame-ancestors 'none'")
                .set("x-content-type-options", "nosniff")
                .set(X_FRAME_OPTIONS, "DENY")
                .set("referrer-policy", "no-referrer")
                .set("cross-origin-resource-policy", "same-origin")
                .set(CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        return response;
    }
}
