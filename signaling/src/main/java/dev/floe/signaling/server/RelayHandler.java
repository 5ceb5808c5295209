package dev.floe.signaling.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.net.InetAddress;

/** A client of the plain relay: whatever it says, text or binary, every other client hears. */
final class RelayHandler extends ServedClientHandler {

    private Channel channel;

    RelayHandler(SignalingNode node, InetAddress address) {
        super(node, address);
    }

    @Override
    void opened(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        node.relay().add(channel);
    }

    @Override
    void heard(ChannelHandlerContext ctx, WebSocketFrame frame) {
        node.relay().writeAndFlush(frame.retain(), other -> other != channel, true);
    }

    @Override
    void gone(boolean isForGood) {
        if (channel != null) {
            node.relay().remove(channel);
        }
    }
}
