package dev.floe.stun.turn;

import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/** What waits for the server's leave to send to a peer: the first few datagrams to each. */
final class HeldDatagrams {
    private static final int MAX_EACH = 8;
    private static final int MAX_PEERS = 64;

    private final Map<InetAddress, Queue<DatagramPacket>> held = new HashMap<>();

    /** Takes over {@code packet} if there is room for it, and says so. */
    boolean hold(DatagramPacket packet) {
        InetAddress peer = packet.recipient().getAddress();
        Queue<DatagramPacket> queue = held.get(peer);
        if (queue == null ? held.size() == MAX_PEERS : queue.size() == MAX_EACH) {
            return false;
        }
        held.computeIfAbsent(peer, any -> new ArrayDeque<>()).add(packet);
        return true;
    }

    /** What waits for {@code peer}, in its order; the caller releases it. */
    Queue<DatagramPacket> take(InetAddress peer) {
        Queue<DatagramPacket> queue = held.remove(peer);
        return queue == null ? new ArrayDeque<>(0) : queue;
    }

    /** Releases what waits for {@code peer}. */
    void drop(InetAddress peer) {
        take(peer).forEach(DatagramPacket::release);
    }

    /** Releases all. */
    void clear() {
        held.values().forEach(queue -> queue.forEach(DatagramPacket::release));
        held.clear();
    }
}
