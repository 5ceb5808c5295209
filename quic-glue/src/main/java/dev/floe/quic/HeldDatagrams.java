package dev.floe.quic;

import io.netty.channel.socket.DatagramPacket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** QUIC datagrams that came before the codec: the oldest few, since an Initial comes before what follows it. */
final class HeldDatagrams {

    private static final int MAX = 16;

    private final Deque<DatagramPacket> held = new ArrayDeque<>(MAX);

    /** Takes over the packet; returns false, having released it, if there is no room. */
    boolean hold(DatagramPacket packet) {
        if (held.size() == MAX) {
            packet.release();
            return false;
        }
        held.add(packet);
        return true;
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    /** Hands over each packet in the order in which they came; returns how many. */
    int replay(Consumer<DatagramPacket> receiver) {
        int replayed = held.size();
        for (DatagramPacket packet = held.poll(); packet != null; packet = held.poll()) {
            receiver.accept(packet);
        }
        return replayed;
    }

    void release() {
        replay(DatagramPacket::release);
    }
}
