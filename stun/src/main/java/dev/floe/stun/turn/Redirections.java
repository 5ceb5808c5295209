package dev.floe.stun.turn;

import dev.floe.stun.StunAttribute.AlternateServer;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Where servers have sent one request on to with 300 and ALTERNATE-SERVER (RFC 8489, section 10). */
final class Redirections {
    private static final int MAX_SERVERS = 4;

    private final Set<InetSocketAddress> tried = new HashSet<>();

    /** The next server, unless it has been tried, there have been too many, or it cannot be one. */
    Optional<InetSocketAddress> follow(InetSocketAddress from, StunMessage response) {
        tried.add(from);
        return response.find(AlternateServer.class)
                .map(AlternateServer::address)
                .filter(to -> tried.size() < MAX_SERVERS && !tried.contains(to) && isPlausible(from, to));
    }

    /** RFC 8489, section 14.15: of the family of the one that was asked. */
    private static boolean isPlausible(InetSocketAddress from, InetSocketAddress to) {
        return from.getAddress().getClass() == to.getAddress().getClass()
                && to.getPort() != 0
                && !to.getAddress().isAnyLocalAddress()
                && !to.getAddress().isMulticastAddress();
    }
}
