package dev.floe.ice.agent;

import dev.floe.ice.agent.GatherPlan.Host;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a change of network means for hosts and bases.
 *
 * @param gone the hosts that are no more, but for those whose whole base is lost
 * @param added the hosts that were not there before
 * @param moved the bases from which datagrams leave by another way now: they were not there before, an address of theirs
 *     is gone, or another one comes first in its family
 * @param lost the bases that have no host any more
 */
record NetworkMove(List<Host> gone, List<Host> added, Set<InetSocketAddress> moved, Set<InetSocketAddress> lost) {

    static NetworkMove between(List<Host> before, List<Host> after) {
        Set<InetSocketAddress> lost = bases(before);
        lost.removeAll(bases(after));
        List<Host> gone = before.stream()
                .filter(host -> !after.contains(host) && !lost.contains(host.base()))
                .toList();
        List<Host> added = after.stream().filter(host -> !before.contains(host)).toList();
        Set<InetSocketAddress> moved = bases(after);
        moved.removeIf(base -> firsts(before, base).equals(firsts(after, base))
                && gone.stream().noneMatch(host -> host.base().equals(base)));
        return new NetworkMove(gone, added, moved, lost);
    }

    /** Whether all is as it was, as far as an address can tell. */
    boolean isNothing() {
        return gone.isEmpty() && added.isEmpty() && moved.isEmpty() && lost.isEmpty();
    }

    private static Set<InetSocketAddress> bases(List<Host> hosts) {
        return hosts.stream().map(Host::base).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** The address of each family that datagrams of the base leave from, unless they have to leave from another. */
    private static Map<Class<?>, InetSocketAddress> firsts(List<Host> hosts, InetSocketAddress base) {
        return hosts.stream()
                .filter(host -> host.base().equals(base))
                .map(Host::address)
                .collect(Collectors.toMap(
                        address -> address.getAddress().getClass(), Function.identity(), (first, next) -> first));
    }
}
