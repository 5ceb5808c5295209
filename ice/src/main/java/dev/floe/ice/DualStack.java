package dev.floe.ice;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The order of addresses in which neither family waits for the other to be tried to the end (RFC 8421 §4). */
final class DualStack {

    private DualStack() {}

    /** IPv6 first, then both families in proportion to their numbers; within each the order stays as it is. */
    static List<InetAddress> interleave(Collection<InetAddress> addresses) {
        List<InetAddress> ipv4 = ofFamily(addresses, true);
        List<InetAddress> ipv6 = ofFamily(addresses, false);
        List<InetAddress> interleaved = new ArrayList<>();
        int four = 0;
        int six = 0;
        while (four < ipv4.size() || six < ipv6.size()) {
            boolean isIpv6Next = six < ipv6.size() && six * ipv4.size() <= four * ipv6.size();
            interleaved.add(isIpv6Next ? ipv6.get(six++) : ipv4.get(four++));
        }
        return interleaved;
    }

    private static List<InetAddress> ofFamily(Collection<InetAddress> addresses, boolean isIpv4) {
        return addresses.stream()
                .filter(address -> address instanceof Inet4Address == isIpv4)
                .toList();
    }
}
