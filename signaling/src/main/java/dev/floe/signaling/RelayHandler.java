package dev.floe.signaling;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** A client of the plain relay: whatever it says, text or binary, every other client hears. */
final class RelayHandler extends ServedClientHandler {

    private final ChannelGroup relay;

    RelayHandler(ChannelGroup relay) {
        this.relay = relay;
    }

    @Override
    void opened(ChannelHandlerContext ctx) {
        relay.add(ctx.channel());
    }

    @Override
    void heard(ChannelHandlerContext ctx, WebSocketFrame frame) {
        relay.writeAndFlush(frame.retain(), other -> other != ctx.channel(), true);
    }

    @Override
    void gone(ChannelHandlerContext ctx) {
        relay.remove(ctx.channel());
    }
}
