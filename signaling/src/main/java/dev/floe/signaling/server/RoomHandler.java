package dev.floe.signaling.server;

import dev.floe.signaling.SignalMessage;
import dev.floe.signaling.SignalMessage.Bye;
import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.EndOfCandidates;
import dev.floe.signaling.SignalMessage.HolePunch;
import dev.floe.signaling.SignalMessage.Pake;
import dev.floe.signaling.SignalMessage.ServerError;
import dev.floe.signaling.SignalingException;
import dev.floe.signaling.room.RoomName;
import dev.floe.signaling.wire.SignalJson;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * A client of a room. What it says at once goes to the store as one step; while the store takes its time, nothing more
 * is read from the client.
 */
final class RoomHandler extends ServedClientHandler {

    private final RoomName name;
    private final RoomEntry entry;
    private final String connection;
    private final List<Said> waiting = new ArrayList<>();
    private ChannelHandlerContext ctx;
    private RoomOutlet outlet;
    private long said;
    private long acknowledged;
    private boolean isBusy;
    private boolean isGone;

    RoomHandler(SignalingNode node, InetAddress address, RoomName name, RoomEntry entry) {
        super(node, address);
        this.name = name;
        this.entry = entry;
        connection = node.nextConnection();
        acknowledged = entry instanceof RoomEntry.Resume resume ? resume.sequence() : 0;
    }

    /** A message that the store has not taken yet. */
    private record Said(SignalMessage message, String json) {}

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    void opened(ChannelHandlerContext context) {
        if (entry instanceof RoomEntry.Resume) {
            node.addresses().addRoom(address);
            node.metrics().resumed();
        } else if (!node.addresses().takeRoom(address)) {
            refuse(ctx, new SignalingException(SignalingException.TOO_MANY_ROOMS, "too many rooms from one address"));
            return;
        }
        outlet = new RoomOutlet(this::end, ctx.channel(), entry.token(), connection, node.metrics());
        node.outlets().add(name, outlet);
        take(node.rooms().enter(name, room -> entry.apply(room, connection)), () -> said = outlet.receivedAtStart());
    }

    @Override
    void heard(ChannelHandlerContext context, WebSocketFrame frame) {
        try {
            if (!(frame instanceof TextWebSocketFrame text)) {
                throw new SignalingException(SignalingException.BAD_MESSAGE, "binary message, expected text");
            }
            String json = text.text();
            SignalJson.Numbered message = SignalJson.readNumbered(json);
            if (message.known().isEmpty()) {
                sayError(
                        ctx,
                        new SignalingException(
                                SignalingException.UNKNOWN_TYPE, "a message of a type that is not known here"));
            } else if (isPeers(message.message()) && message.sequence() == 0) {
                waiting.add(new Said(message.message(), json));
            } else {
                throw new SignalingException(SignalingException.BAD_MESSAGE, "only the server says that");
            }
        } catch (SignalingException e) {
            refuse(ctx, e);
        }
    }

    /** What came at once is said at once. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        sayWaiting();
        context.fireChannelReadComplete();
    }

    @Override
    void ponged(ByteBuf payload) {
        if (payload.readableBytes() != Long.BYTES || outlet == null) {
            return;
        }
        // A step of the room only for an answer to what was asked: pongs cost a client nothing.
        long sequence = payload.readLong();
        if (sequence > acknowledged && sequence <= outlet.pinged()) {
            acknowledged = sequence;
            node.rooms().update(name, room -> room.acknowledge(entry.token(), sequence));
        }
    }

    @Override
    void gone(boolean isForGood) {
        isGone = true;
        if (outlet == null) {
            return;
        }
        node.outlets().remove(name, outlet);
        if (!waiting.isEmpty()) {
            say();
        }
        long now = System.currentTimeMillis();
        if (isForGood) {
            node.addresses().releaseRoom(address);
            node.rooms().update(name, room -> room.leave(entry.token(), connection, now));
        } else {
            node.releaseRoomAfterGrace(address);
            node.rooms().update(name, room -> room.detach(entry.token(), connection, now));
        }
    }

    @Override
    void sayError(ChannelHandlerContext context, SignalingException why) {
        ctx.writeAndFlush(new TextWebSocketFrame(SignalJson.write(new ServerError(why.code(), why.getMessage()))));
    }

    private void sayWaiting() {
        if (!isBusy && !isGone && !waiting.isEmpty()) {
            take(say(), () -> {});
        }
    }

    /** Says what is waiting; steps are taken in the order in which they are asked for. */
    private CompletionStage<Void> say() {
        List<Said> batch = List.copyOf(waiting);
        waiting.clear();
        long before = said;
        said += batch.size();
        long now = System.currentTimeMillis();
        return node.rooms().update(name, room -> {
            long number = before;
            for (Said one : batch) {
                number++;
                room.say(entry.token(), number, one.message(), one.json(), now);
            }
        });
    }

    /** Takes nothing else of this client until a step of the room is done. */
    private void take(CompletionStage<Void> step, Runnable then) {
        isBusy = true;
        step.whenComplete((done, failure) -> inLoop(() -> {
            isBusy = false;
            if (failure == null) {
                then.run();
                sayWaiting();
            } else {
                refuse(ctx, reason(failure));
            }
            ctx.channel().config().setAutoRead(!isBusy);
        }));
        if (isBusy) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    /** The room has ended this client's stay; any thread. */
    private void end(SignalingException why) {
        ctx.executor().execute(() -> refuse(ctx, why));
    }

    private void inLoop(Runnable task) {
        if (ctx.executor().inEventLoop()) {
            task.run();
        } else {
            ctx.executor().execute(task);
        }
    }

    private static SignalingException reason(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof SignalingException known
                ? known
                : new SignalingException(SignalingException.UNAVAILABLE, "rooms cannot be served now", cause);
    }

    private static boolean isPeers(SignalMessage message) {
        return message instanceof Description
                || message instanceof CandidateLine
                || message instanceof EndOfCandidates
                || message instanceof Pake
                || message instanceof HolePunch
                || message instanceof Bye;
    }
}
