package dev.floe.ice.mdns;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.function.Predicate;

/**
 * The links that this machine is on.
 *
 * @param interfaces those that take multicast; loopback if there is no other
 * @param addresses this machine's on them, with the lengths of their prefixes
 */
record MdnsLinks(List<NetworkInterface> interfaces, List<InterfaceAddress> addresses) {

    // Each query goes out on each of them.
    private static final int MAX_INTERFACES = 8;

    /**
     * The links of the interfaces that are up.
     *
     * @param filter which of them are to be used
     * @throws UncheckedIOException if the system does not tell
     */
    static MdnsLinks find(Predicate<NetworkInterface> filter) {
        try {
            List<NetworkInterface> up = NetworkInterface.networkInterfaces()
                    .filter(is(NetworkInterface::isUp).and(filter))
                    .toList();
            List<NetworkInterface> links = up.stream()
                    .filter(is(NetworkInterface::supportsMulticast)
                            .and(is(NetworkInterface::isLoopback).negate()))
                    .limit(MAX_INTERFACES)
                    .toList();
            List<NetworkInterface> loopback =
                    up.stream().filter(is(NetworkInterface::isLoopback)).toList();
            return new MdnsLinks(
                    links.isEmpty() ? loopback : links,
                    up.stream()
                            .flatMap(link -> link.getInterfaceAddresses().stream())
                            .toList());
        } catch (SocketException e) {
            throw new UncheckedIOException("cannot list the network interfaces", e);
        }
    }

    List<NetworkInterface> of(MdnsGroup group) {
        return interfaces.stream()
                .filter(link -> link.inetAddresses().anyMatch(group::isOfFamilyOf))
                .toList();
    }

    /** Whether an address is of one of the links, this machine's own among them. */
    boolean isOnLink(InetAddress address) {
        return address.isLinkLocalAddress()
                || addresses.stream()
                        .anyMatch(own -> isInPrefix(
                                address.getAddress(), own.getAddress().getAddress(), own.getNetworkPrefixLength()));
    }

    private static boolean isInPrefix(byte[] address, byte[] own, int prefixLength) {
        if (address.length != own.length) {
            return false;
        }
        for (int bit = 0; bit < prefixLength; bit++) {
            int mask = 0x80 >> (bit % Byte.SIZE);
            if (((address[bit / Byte.SIZE] ^ own[bit / Byte.SIZE]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    private static Predicate<NetworkInterface> is(Question question) {
        return link -> {
            try {
                return question.of(link);
            } catch (SocketException e) {
                return false;
            }
        };
    }

    @FunctionalInterface
    private interface Question {
        boolean of(NetworkInterface link) throws SocketException;
    }
}
