package dev.floe.signaling.server;

import dev.floe.signaling.SignalMessage;
import dev.floe.signaling.SignalingException;
import dev.floe.signaling.room.Room;
import dev.floe.signaling.room.RoomMember;
import dev.floe.signaling.wire.SignalJson;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Writes to one connection what the inbox of its member holds: each message once and in order. Now and then a ping
 * carries the number of the last message; its answer tells that the client has all up to it. Guarded as the room is.
 */
final class RoomOutlet {

    private static final int MESSAGES_PER_PING = 32;

    private final Consumer<SignalingException> end;
    private final Channel channel;
    private final String token;
    private final String connection;
    private final ServerMetrics metrics;
    private boolean isWelcomed;
    private boolean isEnded;
    private volatile long receivedAtStart;
    private long delivered;
    private volatile long pinged;

    /** @param end told once if the room no longer knows this connection */
    RoomOutlet(
            Consumer<SignalingException> end, Channel channel, String token, String connection, ServerMetrics metrics) {
        this.end = end;
        this.channel = channel;
        this.token = token;
        this.connection = connection;
        this.metrics = metrics;
    }

    /** How many messages the room had taken from the member when this connection came. */
    long receivedAtStart() {
        return receivedAtStart;
    }

    /** The number that the last ping has carried; any thread. */
    long pinged() {
        return pinged;
    }

    /** The room is so now. */
    void update(Room room) {
        Optional<RoomMember> member =
                room.member(token).filter(m -> connection.equals(m.connection().orElse(null)));
        if (member.isPresent()) {
            deliver(room, member.get());
        } else if (isWelcomed && !isEnded) {
            isEnded = true;
            end.accept(
                    room.member(token).isPresent()
                            ? new SignalingException(
                                    SignalingException.UNAVAILABLE, "the peer's place is another connection's now")
                            : new SignalingException(
                                    SignalingException.EVICTED,
                                    "the peer waited too long alone, or let too much pile up unread"));
        }
    }

    private void deliver(Room room, RoomMember member) {
        List<WebSocketFrame> frames = new ArrayList<>();
        if (!isWelcomed) {
            isWelcomed = true;
            receivedAtStart = member.received();
            delivered = member.acknowledged();
            pinged = delivered;
            frames.add(new TextWebSocketFrame(SignalJson.write(
                    new SignalMessage.Joined(member.peersAtJoin(), member.token(), member.received()))));
        }
        long before = delivered;
        member.forEachAfter(delivered, (sequence, json) -> {
            frames.add(new TextWebSocketFrame(SignalJson.numbered(json, sequence)));
            delivered = sequence;
        });
        metrics.messagesDelivered(delivered - before);
        if (delivered - pinged >= MESSAGES_PER_PING || (delivered > pinged && room.isFilling(member))) {
            pinged = delivered;
            frames.add(new PingWebSocketFrame(channel.alloc().buffer(Long.BYTES).writeLong(delivered)));
        }
        if (!frames.isEmpty()) {
            write(frames);
        }
    }

    // Not at once even on the channel's own event loop: what another thread has asked for before would come after.
    private void write(List<WebSocketFrame> frames) {
        try {
            channel.eventLoop().execute(() -> {
                frames.forEach(frame -> channel.write(frame, channel.voidPromise()));
                channel.flush();
            });
        } catch (RejectedExecutionException e) {
            // Its event loop has ended, and the channel with it.
            frames.forEach(WebSocketFrame::release);
        }
    }
}
