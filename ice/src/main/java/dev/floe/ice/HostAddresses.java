package dev.floe.ice;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds the addresses from which a socket bound to the wildcard address would really send. One that it would not send
 * from is no use to the other side: the answers to its checks would come from somewhere else.
 */
final class HostAddresses {

    // Addresses for documentation (RFC 5737, RFC 3849): routed like any other, and nothing is sent to them.
    private static final List<InetSocketAddress> ANYWHERE =
            List.of(new InetSocketAddress("2001:db8::1", 9), new InetSocketAddress("192.0.2.1", 9));

    private HostAddresses() {}

    /**
     * The addresses to advertise for a socket, best first, without their port. Blocks for as long as a few system calls.
     *
     * @param bound the address that the socket is bound to
     * @param servers where the socket is going to send to, besides to the default route
     */
    static List<InetAddress> of(InetAddress bound, List<InetSocketAddress> servers) {
        if (!bound.isAnyLocalAddress()) {
            return List.of(bound);
        }
        boolean isIpv4Only = bound.getAddress().length == 4;
        Predicate<InetAddress> isUsable = address -> !isIpv4Only || address.getAddress().length == 4;
        Predicate<InetAddress> isUsableByOthers = isUsable.and(address -> !address.isLoopbackAddress());
        Set<InetAddress> found = only(sources(servers), isUsableByOthers);
        // Without a default route there may still be a local network, and if not that, this machine.
        found = found.isEmpty() ? only(interfaceAddresses(), isUsableByOthers) : found;
        found = found.isEmpty() ? only(interfaceAddresses(), isUsable) : found;
        return List.copyOf(found);
    }

    private static Set<InetAddress> sources(List<InetSocketAddress> servers) {
        Set<InetAddress> sources = new LinkedHashSet<>();
        ANYWHERE.forEach(destination -> addSource(destination, sources));
        servers.forEach(server -> addSource(server, sources));
        return sources;
    }

    private static void addSource(InetSocketAddress destination, Set<InetAddress> sources) {
        try (DatagramChannel probe = DatagramChannel.open()) {
            probe.connect(destination);
            InetAddress source = ((InetSocketAddress) probe.getLocalAddress()).getAddress();
            if (isAdvertisable(source)) {
                sources.add(source);
            }
        } catch (IOException | UnsupportedAddressTypeException e) {
            // No route to there, or no IPv6 on this machine: then there is no address to send from either.
        }
    }

    private static Set<InetAddress> interfaceAddresses() {
        Set<InetAddress> addresses = new LinkedHashSet<>();
        try {
            NetworkInterface.networkInterfaces()
                    .filter(HostAddresses::isUp)
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(HostAddresses::isAdvertisable)
                    .forEach(addresses::add);
        } catch (SocketException e) {
            throw new UncheckedIOException("cannot list the network interfaces", e);
        }
        return addresses;
    }

    private static boolean isUp(NetworkInterface networkInterface) {
        try {
            return networkInterface.isUp();
        } catch (SocketException e) {
            return false;
        }
    }

    // A link-local address needs the other side's zone, which signaling cannot know.
    private static boolean isAdvertisable(InetAddress address) {
        return !address.isAnyLocalAddress() && !address.isLinkLocalAddress() && !address.isMulticastAddress();
    }

    private static Set<InetAddress> only(Set<InetAddress> addresses, Predicate<InetAddress> condition) {
        Set<InetAddress> kept = new LinkedHashSet<>(addresses);
        kept.removeIf(condition.negate());
        return kept;
    }
}
