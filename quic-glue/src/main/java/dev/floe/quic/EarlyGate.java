package dev.floe.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPromise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiConsumer;

/**
 * Bounds what an early start may send. The far end of the pair is authenticated but has not yet said that it wants to be
 * sent to (RFC 7675 §5.1) and the pair is not valid (RFC 8445 §12.1), so two datagrams go to its one address and the
 * rest waits for a valid pair. A peer that names a victim's address as its own gets two datagrams sent there.
 */
final class EarlyGate {

    private static final int ALLOWED = 2;
    private static final int MAX_WAITING = 32;

    private record Waiting(ByteBuf content, ChannelPromise promise) {}

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int passed;

    /** Whether one more datagram may go now; it counts as gone. */
    boolean passes() {
        return passed++ < ALLOWED;
    }

    /** Takes over the content; beyond the bound it is dropped as a network would. */
    void hold(ByteBuf content, ChannelPromise promise) {
        if (waiting.size() == MAX_WAITING) {
            content.release();
            promise.setSuccess();
        } else {
            waiting.add(new Waiting(content, promise));
        }
    }

    /** Hands over all that waits. */
    void open(BiConsumer<ByteBuf, ChannelPromise> sender) {
        for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
            sender.accept(next.content(), next.promise());
        }
    }

    void release(Throwable cause) {
        open((content, promise) -> {
            content.release();
            promise.tryFailure(cause);
        });
    }
}
