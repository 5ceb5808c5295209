package dev.floe.quic;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * From where each peer that has no connection yet may send its first QUIC datagrams, which bear a connection id of its
 * own making. A check proves little about where it came from, an answer to one proves that the peer is there: so of
 * several peers at one address it is the one that has answered last, and else the first to have been heard.
 */
final class PeerAddresses {

    /** How many addresses of one peer count; ICE knows of no more that work. */
    static final int MAX_OF_PEER = 64;

    private final Map<InetSocketAddress, Deque<PeerChannel>> peersAt = new HashMap<>();
    private final Map<PeerChannel, Set<InetSocketAddress>> addressesOf = new HashMap<>();

    /** The peer's checks have come from there. */
    void heard(PeerChannel peer, InetSocketAddress address) {
        Set<InetSocketAddress> addresses = addressesOf.computeIfAbsent(peer, any -> new HashSet<>());
        if (addresses.size() < MAX_OF_PEER && addresses.add(address)) {
            peersAt.computeIfAbsent(address, any -> new ArrayDeque<>()).addLast(peer);
        }
    }

    /** The peer has answered from there. */
    void proven(PeerChannel peer, InetSocketAddress address) {
        heard(peer, address);
        Deque<PeerChannel> peers = peersAt.get(address);
        if (peers != null && peers.remove(peer)) {
            peers.addFirst(peer);
        }
    }

    /** Nothing of the peer comes by its address any more. */
    void forget(PeerChannel peer) {
        Set<InetSocketAddress> addresses = addressesOf.remove(peer);
        if (addresses != null) {
            addresses.forEach(address -> peersAt.computeIfPresent(address, (any, peers) -> {
                peers.remove(peer);
                return peers.isEmpty() ? null : peers;
            }));
        }
    }

    /** Whose a first datagram from there is; null for a stranger's. */
    PeerChannel find(InetSocketAddress address) {
        Deque<PeerChannel> peers = peersAt.get(address);
        return peers == null ? null : peers.peekFirst();
    }

    /** How many addresses are known, of all peers together. */
    int size() {
        return peersAt.size();
    }
}
