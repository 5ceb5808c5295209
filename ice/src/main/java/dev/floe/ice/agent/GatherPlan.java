package dev.floe.ice.agent;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/**
 * What an agent gathers its candidates from.
 *
 * @param hosts the addresses of host candidates, best first, each with the port of {@code base}
 * @param base the local address as the channel names it
 * @param servers resolved STUN servers
 * @param relays how many relays are asked for an address, each of which is to be reported on
 * @param mdnsNames the names under which hosts are told, if they are not to be told by address
 */
public record GatherPlan(
        List<InetSocketAddress> hosts,
        InetSocketAddress base,
        List<InetSocketAddress> servers,
        int relays,
        Map<InetAddress, String> mdnsNames) {

    /** Without relays, and with hosts that are told by address. */
    public GatherPlan(List<InetSocketAddress> hosts, InetSocketAddress base, List<InetSocketAddress> servers) {
        this(hosts, base, servers, 0, Map.of());
    }
}
