package dev.floe.ice;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds the addresses from which a socket bound to the wildcard address would really send. One that it would not send
 * from is no use to the other side: the answers to its checks would come from somewhere else. The system is asked, so
 * that a temporary IPv6 address stands in for the one that would allow tracking (RFC 8445 §5.1.1.1, RFC 6724 §5).
 */
final class HostAddresses {

    // Addresses for documentation (RFC 5737, RFC 3849): routed like any other, and nothing is sent to them.
    private static final List<InetSocketAddress> ANYWHERE =
            List.of(new InetSocketAddress("2001:db8::1", 9), new InetSocketAddress("192.0.2.1", 9));
    private static final int DISCARD_PORT = 9;

    private final IceConfig config;
    private final InetAddress bound;

    private HostAddresses(IceConfig config, InetAddress bound) {
        this.config = config;
        this.bound = bound;
    }

    /**
     * The addresses of a socket's host candidates, best first, without their port; none if only relays may be used.
     * Blocks for as long as a few system calls.
     *
     * @param bound the address that the socket is bound to
     * @param servers where the socket is going to send to, besides to the default route
     */
    static List<InetAddress> of(IceConfig config, InetAddress bound, List<InetSocketAddress> servers) {
        if (config.addressPolicy() == AddressPolicy.RELAY_ONLY) {
            return List.of();
        }
        HostAddresses addresses = new HostAddresses(config, bound);
        return bound.isAnyLocalAddress()
                ? DualStack.interleave(addresses.sentFrom(servers))
                : Stream.of(bound).filter(addresses::isAllowed).toList();
    }

    private Set<InetAddress> sentFrom(List<InetSocketAddress> servers) {
        Set<InetAddress> found = new LinkedHashSet<>();
        Stream.of(ANYWHERE.stream(), servers.stream(), neighbours())
                .flatMap(destinations -> destinations)
                .flatMap(HostAddresses::source)
                .filter(address -> isUsable(address) && !address.isLoopbackAddress())
                .forEach(found::add);
        // Without a default route there may still be a local network, and if not that, this machine.
        if (found.isEmpty()) {
            interfaceAddresses()
                    .map(InterfaceAddress::getAddress)
                    .filter(address -> isUsable(address) && !address.isLoopbackAddress())
                    .forEach(found::add);
        }
        if (found.isEmpty()) {
            interfaceAddresses()
                    .map(InterfaceAddress::getAddress)
                    .filter(this::isUsable)
                    .forEach(found::add);
        }
        return found;
    }

    /** For each network of this machine an address in it, if the other side may learn of all of them. */
    private Stream<InetSocketAddress> neighbours() {
        return config.addressPolicy() == AddressPolicy.ALL
                ? interfaceAddresses()
                        .filter(address -> isUsable(address.getAddress()))
                        .map(HostAddresses::neighbour)
                : Stream.empty();
    }

    private boolean isUsable(InetAddress address) {
        boolean isOfFamily = bound instanceof Inet6Address || address instanceof Inet4Address;
        return isOfFamily && isAdvertisable(address) && isAllowed(address);
    }

    private boolean isAllowed(InetAddress address) {
        return config.addressFilter().test(address) && isOnAllowedInterface(address);
    }

    private boolean isOnAllowedInterface(InetAddress address) {
        try {
            NetworkInterface networkInterface = NetworkInterface.getByInetAddress(address);
            return networkInterface == null || config.interfaceFilter().test(networkInterface);
        } catch (SocketException e) {
            return false;
        }
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

    private static Stream<InetAddress> source(InetSocketAddress destination) {
        try (DatagramChannel probe = DatagramChannel.open()) {
            // Nothing is sent, but without this a neighbour that is the network's broadcast address would be refused.
            probe.setOption(StandardSocketOptions.SO_BROADCAST, true).connect(destination);
            return Stream.of(((InetSocketAddress) probe.getLocalAddress()).getAddress());
        } catch (IOException | UnsupportedAddressTypeException e) {
            // No route to there, or no IPv6 on this machine: then there is no address to send from either.
            return Stream.empty();
        }
    }

    private static InetSocketAddress neighbour(InterfaceAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        if (address.getNetworkPrefixLength() < Byte.SIZE * bytes.length) {
            bytes[bytes.length - 1] ^= 1;
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), DISCARD_PORT);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of a length of its own: " + address, e);
        }
    }

    private static Stream<InterfaceAddress> interfaceAddresses() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(HostAddresses::isUp)
                    .flatMap(networkInterface -> networkInterface.getInterfaceAddresses().stream());
        } catch (SocketException e) {
            throw new UncheckedIOException("cannot list the network interfaces", e);
        }
    }

    private static boolean isUp(NetworkInterface networkInterface) {
        try {
            return networkInterface.isUp();
        } catch (SocketException e) {
            return false;
        }
    }
}
