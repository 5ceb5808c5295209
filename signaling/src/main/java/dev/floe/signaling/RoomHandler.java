package dev.floe.signaling;

import dev.floe.signaling.SignalMessage.Bye;
import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.EndOfCandidates;
import dev.floe.signaling.SignalMessage.ServerError;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.Optional;

/** A client of a room. */
final class RoomHandler extends ServedClientHandler implements Room.Member {

    private final RoomStore rooms;
    private final RoomName name;
    private Channel channel;

    RoomHandler(RoomStore rooms, RoomName name) {
        this.rooms = rooms;
        this.name = name;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
    }

    @Override
    void opened(ChannelHandlerContext ctx) {
        try {
            rooms.join(name, this);
        } catch (SignalingException e) {
            refuse(ctx, e);
        }
    }

    @Override
    void heard(ChannelHandlerContext ctx, WebSocketFrame frame) {
        try {
            if (!(frame instanceof TextWebSocketFrame text)) {
                throw new SignalingException(SignalingException.BAD_MESSAGE, "binary message, expected text");
            }
            String json = text.text();
            Optional<SignalMessage> message = SignalJson.read(json);
            if (message.isPresent()) {
                say(message.get(), json);
            } else {
                hear(error(SignalingException.UNKNOWN_TYPE, "a message of a type that is not known here"));
            }
        } catch (SignalingException e) {
            refuse(ctx, e);
        }
    }

    @Override
    void gone(ChannelHandlerContext ctx) {
        rooms.leave(name, this);
    }

    @Override
    public void hear(String json) {
        channel.writeAndFlush(new TextWebSocketFrame(json), channel.voidPromise());
    }

    private void say(SignalMessage message, String json) throws SignalingException {
        boolean isPeers = message instanceof Description
                || message instanceof CandidateLine
                || message instanceof EndOfCandidates
                || message instanceof Bye;
        if (!isPeers) {
            throw new SignalingException(SignalingException.BAD_MESSAGE, "only the server says that");
        }
        rooms.say(name, this, message, json);
    }

    private void refuse(ChannelHandlerContext ctx, SignalingException why) {
        hear(error(why.code(), why.getMessage()));
        refuse(ctx, WebSocketCloseStatus.POLICY_VIOLATION, why.code());
    }

    private static String error(String code, String message) {
        return SignalJson.write(new ServerError(code, message));
    }
}
