package dev.floe.ice.agent;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/**
 * What an agent gathers its candidates from.
 *
 * @param hosts where host candidates come from, best first
 * @param servers resolved STUN servers, each of which is asked from every base
 * @param relays how many relays are asked for an address, each of which is to be reported on
 * @param mdnsNames the names under which hosts are told, if they are not to be told by address
 */
public record GatherPlan(
        List<Host> hosts, List<InetSocketAddress> servers, int relays, Map<InetAddress, String> mdnsNames) {

    /**
     * A host candidate and where it is sent from.
     *
     * @param address the interface's address, with the port of {@code base}
     * @param base the local address as the channel names it: the wildcard address, or one of a socket of its own
     */
    public record Host(InetSocketAddress address, InetSocketAddress base) {}

    public GatherPlan {
        hosts = List.copyOf(hosts);
        servers = List.copyOf(servers);
        mdnsNames = Map.copyOf(mdnsNames);
    }

    /** With one base for all hosts. */
    public GatherPlan(
            List<InetSocketAddress> hosts,
            InetSocketAddress base,
            List<InetSocketAddress> servers,
            int relays,
            Map<InetAddress, String> mdnsNames) {
        this(hosts.stream().map(host -> new Host(host, base)).toList(), servers, relays, mdnsNames);
    }

    /** With one base, without relays, and with hosts that are told by address. */
    public GatherPlan(List<InetSocketAddress> hosts, InetSocketAddress base, List<InetSocketAddress> servers) {
        this(hosts, base, servers, 0, Map.of());
    }
}
