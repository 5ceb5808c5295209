package dev.floe.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import java.util.function.Consumer;

/** The last few datagrams that QUIC sent, kept by reference, to be sent again when the path changes. */
final class RecentDatagrams {

    private static final int MAX = 8;

    // A ring: each datagram is a part of its packet's content, all of it unless the packet has segments.
    private final DatagramPacket[] packets = new DatagramPacket[MAX];
    private final int[] starts = new int[MAX];
    private final int[] lengths = new int[MAX];
    private int oldest;

    /** Keeps references of its own to the packet's last datagrams; the caller's reference stays the caller's. */
    void remember(DatagramPacket packet) {
        ByteBuf content = packet.content();
        int size = Segments.size(packet);
        int end = content.writerIndex();
        int older = Math.max(0, (content.readableBytes() - 1) / size - (MAX - 1));
        for (int start = content.readerIndex() + older * size; start < end; start += size) {
            remember(packet, start, Math.min(size, end - start));
        }
    }

    /** Hands a slice of each, oldest first, to a receiver that releases it. */
    void forEach(Consumer<ByteBuf> receiver) {
        for (int i = 0; i < MAX; i++) {
            int place = (oldest + i) % MAX;
            if (packets[place] != null) {
                receiver.accept(packets[place].content().retainedSlice(starts[place], lengths[place]));
            }
        }
    }

    void release() {
        for (int place = 0; place < MAX; place++) {
            forget(place);
        }
    }

    private void remember(DatagramPacket packet, int start, int length) {
        int place = oldest;
        oldest = (oldest + 1) % MAX;
        forget(place);
        packets[place] = packet.retain();
        starts[place] = start;
        lengths[place] = length;
    }

    private void forget(int place) {
        if (packets[place] != null) {
            packets[place].release();
            packets[place] = null;
        }
    }
}
