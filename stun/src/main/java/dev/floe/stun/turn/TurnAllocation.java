package dev.floe.stun.turn;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a TURN server has given to a client (RFC 8656, section 7.3).
 *
 * @param server the address of the server, another than the configured one if that has sent the client elsewhere
 * @param relayed where peers reach the client: one IPv4, one IPv6 address or both
 * @param mapped where the server saw the client: with UDP its server-reflexive address
 */
public record TurnAllocation(InetSocketAddress server, List<InetSocketAddress> relayed, InetSocketAddress mapped) {
    /**
     * An allocation.
     *
     * @param server the address of the server, another than the configured one if that has sent the client elsewhere
     * @param relayed where peers reach the client: one IPv4, one IPv6 address or both
     * @param mapped where the server saw the client: with UDP its server-reflexive address
     */
    public TurnAllocation {
        relayed = List.copyOf(relayed);
    }
}
