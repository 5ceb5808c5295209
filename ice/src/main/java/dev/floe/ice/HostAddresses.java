package dev.floe.ice;

import dev.floe.ice.HostNetwork.HostAddress;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The addresses of a session's host candidates, best first. The system is asked from where a socket bound to the wildcard
 * address would really send, so that a temporary IPv6 address stands in for the one that would allow tracking (RFC 8445
 * §5.1.1.1, RFC 6724 §5): where it would not send from is no use to the other side, since the answers to its checks would
 * come from somewhere else.
 *
 * @param main those that the channel's own socket sends from
 * @param others those that it does not send from, on interfaces that the default route does not use: each needs a socket
 *     of its own
 * @param routed of {@code main} those towards the default routes
 * @param isLoopback whether there is nothing but this machine itself
 */
record HostAddresses(Set<InetAddress> main, Set<InetAddress> others, Set<InetAddress> routed, boolean isLoopback) {

    // Addresses for documentation (RFC 5737, RFC 3849): routed like any other, and nothing is sent to them.
    static final List<InetSocketAddress> ANYWHERE =
            List.of(new InetSocketAddress("2001:db8::1", 9), new InetSocketAddress("192.0.2.1", 9));

    /** A machine full of containers has a bridge for each network of theirs. */
    static final int MAX_OTHERS = 8;

    private static final int DISCARD_PORT = 9;

    static final HostAddresses NONE = new HostAddresses(Set.of(), Set.of(), Set.of(), false);

    /**
     * Blocks for as long as a few system calls.
     *
     * @param bound the address that the channel's socket is bound to
     * @param servers where it is going to send to, besides to the default route
     * @param open the addresses that have sockets of their own already; they keep them for as long as they are there
     */
    static HostAddresses of(
            IceConfig config,
            InetAddress bound,
            List<InetSocketAddress> servers,
            Set<InetAddress> open,
            HostNetwork network) {
        Search search = new Search(config, bound, network);
        return bound.isAnyLocalAddress() ? search.ofWildcard(servers, open) : search.ofBound();
    }

    /** RFC 8445 §5.1.1.1; and a link-local address needs the other side's zone, which signaling cannot know. */
    static boolean isAdvertisable(InetAddress address) {
        boolean isDeprecated = address instanceof Inet6Address ipv6
                && (ipv6.isSiteLocalAddress() || (ipv6.isIPv4CompatibleAddress() && !ipv6.isLoopbackAddress()));
        return !isDeprecated
                && !address.isAnyLocalAddress()
                && !address.isLinkLocalAddress()
                && !address.isMulticastAddress();
    }

    /** Whether this is less than a network, of which there was one before: an outage, after which it may come back. */
    boolean isOutageSince(HostAddresses before) {
        return (main.isEmpty() && others.isEmpty()) || (isLoopback && !before.isLoopback);
    }

    /**
     * Whether what the channel's own socket sends to addresses of this family leaves by another way than it did. An
     * address that has come to those of before moves nothing.
     */
    boolean isMovedSince(HostAddresses before, Class<? extends InetAddress> family) {
        Set<InetAddress> mainBefore = ofFamily(before.main, family);
        return !mainBefore.isEmpty()
                && !(main.containsAll(mainBefore)
                        && ofFamily(before.routed, family).equals(ofFamily(routed, family)));
    }

    private static Set<InetAddress> ofFamily(Set<InetAddress> addresses, Class<? extends InetAddress> family) {
        Set<InetAddress> found = new LinkedHashSet<>(addresses);
        found.removeIf(address -> address.getClass() != family);
        return found;
    }

    private record Search(IceConfig config, InetAddress bound, HostNetwork network) {

        HostAddresses ofBound() {
            boolean isThere = bound.isLoopbackAddress()
                    || source(new InetSocketAddress(bound, DISCARD_PORT))
                            .filter(bound::equals)
                            .isPresent();
            return isThere && isUsable(bound) ? new HostAddresses(Set.of(bound), Set.of(), Set.of(), false) : NONE;
        }

        HostAddresses ofWildcard(List<InetSocketAddress> servers, Set<InetAddress> open) {
            Set<InetAddress> routed = sources(ANYWHERE.stream());
            Set<InetAddress> main = new LinkedHashSet<>(routed);
            main.addAll(sources(servers.stream()));
            // Without a default route there may still be a local network, and if not that, this machine.
            if (main.isEmpty()) {
                main.addAll(sources(outside().map(Search::neighbour)));
            }
            boolean isLoopback = main.isEmpty();
            if (isLoopback) {
                network.addresses().stream()
                        .map(HostAddress::address)
                        .filter(this::isUsable)
                        .forEach(main::add);
            }
            return new HostAddresses(interleaved(main), interleaved(others(main, open)), routed, isLoopback);
        }

        /** For each network of this machine that is not of {@code main} an address in it, if all may be told of. */
        private Set<InetAddress> others(Set<InetAddress> main, Set<InetAddress> open) {
            if (config.addressPolicy() != AddressPolicy.ALL) {
                return Set.of();
            }
            Set<InetAddress> others = new LinkedHashSet<>();
            Set<InetAddress> served = new LinkedHashSet<>(main);
            // An address that has a socket keeps it while it is there, even when the system has come to prefer another
            // one of its network, and even when it has become the default route's.
            outside().map(HostAddress::address).filter(open::contains).forEach(others::add);
            outside()
                    .filter(address -> others.contains(address.address()))
                    .flatMap(address -> source(neighbour(address)).stream())
                    .forEach(served::add);
            for (InetAddress address : sources(outside().map(Search::neighbour))) {
                if (others.size() < MAX_OTHERS && !served.contains(address)) {
                    others.add(address);
                }
            }
            return others;
        }

        private Set<InetAddress> sources(Stream<InetSocketAddress> destinations) {
            Set<InetAddress> found = new LinkedHashSet<>();
            destinations
                    .flatMap(destination -> source(destination).stream())
                    .filter(address -> isUsable(address) && !isLoopback(address))
                    .forEach(found::add);
            return found;
        }

        private Optional<InetAddress> source(InetSocketAddress destination) {
            return network.sourceTo(destination);
        }

        private Stream<HostAddress> outside() {
            return network.addresses().stream().filter(address -> !address.isLoopback() && isUsable(address.address()));
        }

        private boolean isLoopback(InetAddress address) {
            return find(address).map(HostAddress::isLoopback).orElse(address.isLoopbackAddress());
        }

        private boolean isUsable(InetAddress address) {
            boolean isOfFamily = bound instanceof Inet6Address || address instanceof Inet4Address;
            return isOfFamily
                    && isAdvertisable(address)
                    && config.addressFilter().test(address)
                    && find(address)
                            .map(HostAddress::networkInterface)
                            .filter(Objects::nonNull)
                            .filter(Predicate.not(config.interfaceFilter()))
                            .isEmpty();
        }

        private Optional<HostAddress> find(InetAddress address) {
            return network.addresses().stream()
                    .filter(known -> known.address().equals(address))
                    .findFirst();
        }

        private static Set<InetAddress> interleaved(Collection<InetAddress> addresses) {
            return new LinkedHashSet<>(DualStack.interleave(addresses));
        }

        private static InetSocketAddress neighbour(HostAddress address) {
            byte[] bytes = address.address().getAddress();
            if (address.prefixLength() < Byte.SIZE * bytes.length) {
                bytes[bytes.length - 1] ^= 1;
            }
            try {
                return new InetSocketAddress(InetAddress.getByAddress(bytes), DISCARD_PORT);
            } catch (UnknownHostException e) {
                throw new IllegalStateException("an address of a length of its own: " + address, e);
            }
        }
    }
}
