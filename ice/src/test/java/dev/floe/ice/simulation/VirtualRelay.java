package dev.floe.ice.simulation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;

/** One allocation on a TURN server, and the addresses that it lets in (RFC 8656 §9). */
final class VirtualRelay {

    static final InetAddress SERVER = new InetSocketAddress("198.51.100.9", 0).getAddress();

    private final InetSocketAddress relayed;
    private final boolean isOverUdp;
    private final Set<InetAddress> permissions = new HashSet<>();

    VirtualRelay(int port, boolean isOverUdp) {
        this.relayed = new InetSocketAddress(SERVER, port);
        this.isOverUdp = isOverUdp;
    }

    InetSocketAddress relayed() {
        return relayed;
    }

    /** Whether datagrams may be lost between the relay and its client. */
    boolean isOverUdp() {
        return isOverUdp;
    }

    void permit(InetAddress peer) {
        permissions.add(peer);
    }

    boolean lets(InetAddress peer) {
        return permissions.contains(peer);
    }
}
