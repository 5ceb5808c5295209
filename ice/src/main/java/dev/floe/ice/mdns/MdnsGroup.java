package dev.floe.ice.mdns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;

/** Where multicast DNS is spoken in an address family (RFC 6762 §3). */
record MdnsGroup(ProtocolFamily family, InetSocketAddress address, InetSocketAddress wildcard) {

    static final MdnsGroup IPV4 = new MdnsGroup(StandardProtocolFamily.INET, at("224.0.0.251"), at("0.0.0.0"));
    static final MdnsGroup IPV6 = new MdnsGroup(StandardProtocolFamily.INET6, at("ff02::fb"), at("::"));

    boolean isOfFamilyOf(InetAddress other) {
        return address.getAddress().getClass() == other.getClass();
    }

    private static InetSocketAddress at(String literal) {
        return new InetSocketAddress(literal, Mdns.PORT);
    }
}
