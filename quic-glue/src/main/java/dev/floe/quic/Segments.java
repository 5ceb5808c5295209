package dev.floe.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.util.function.Consumer;

/** The datagrams of a packet: several, all but the last as long as its segment size, if the kernel is to cut it. */
final class Segments {

    private Segments() {}

    /** How long each is, but perhaps the last. */
    static int size(DatagramPacket packet) {
        return packet instanceof SegmentedDatagramPacket segmented
                ? segmented.segmentSize()
                : packet.content().readableBytes();
    }

    /** Whether there is more than one. */
    static boolean areSeveral(DatagramPacket packet) {
        return packet instanceof SegmentedDatagramPacket segmented
                && segmented.content().readableBytes() > segmented.segmentSize();
    }

    /** Hands over a slice for each datagram, to receivers that release it, and the last one to {@code last}. */
    static void split(DatagramPacket packet, Consumer<ByteBuf> receiver, Consumer<ByteBuf> last) {
        ByteBuf content = packet.content();
        int size = size(packet);
        while (content.readableBytes() > size) {
            receiver.accept(content.readRetainedSlice(size));
        }
        last.accept(content.readRetainedSlice(content.readableBytes()));
        packet.release();
    }
}
