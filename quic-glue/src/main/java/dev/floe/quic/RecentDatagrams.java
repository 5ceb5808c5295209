package dev.floe.quic;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** The last few datagrams that QUIC sent, kept by reference, to be sent again when the path changes. */
final class RecentDatagrams {

    private static final int MAX = 8;

    private final Deque<ByteBuf> recent = new ArrayDeque<>(MAX);

    /** Keeps a duplicate of its own; the caller's reference stays the caller's. */
    void remember(ByteBuf content) {
        if (recent.size() == MAX) {
            recent.removeFirst().release();
        }
        recent.addLast(content.retainedDuplicate());
    }

    /** Hands a duplicate of each, oldest first, to a receiver that releases it. */
    void forEach(Consumer<ByteBuf> receiver) {
        recent.forEach(content -> receiver.accept(content.retainedDuplicate()));
    }

    void release() {
        recent.forEach(ByteBuf::release);
        recent.clear();
    }
}
