package dev.floe.ice;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Asks the operating system, each time anew. */
final class SystemNetwork implements HostNetwork {

    @Override
    public List<HostAddress> addresses() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(SystemNetwork::isUp)
                    .flatMap(SystemNetwork::addresses)
                    .toList();
        } catch (SocketException e) {
            throw new UncheckedIOException("cannot list the network interfaces", e);
        }
    }

    @Override
    public Optional<InetAddress> sourceTo(InetSocketAddress destination) {
        try (DatagramChannel probe = DatagramChannel.open()) {
            // Nothing is sent, but without this a neighbour that is the network's broadcast address would be refused.
            probe.setOption(StandardSocketOptions.SO_BROADCAST, true).connect(destination);
            return Optional.of(((InetSocketAddress) probe.getLocalAddress()).getAddress());
        } catch (IOException | UnsupportedAddressTypeException e) {
            // No route to there, or no IPv6 on this machine: then there is no address to send from either.
            return Optional.empty();
        }
    }

    private static Stream<HostAddress> addresses(NetworkInterface networkInterface) {
        return networkInterface.getInterfaceAddresses().stream().map(address -> of(address, networkInterface));
    }

    private static HostAddress of(InterfaceAddress address, NetworkInterface networkInterface) {
        return new HostAddress(
                address.getAddress(),
                address.getNetworkPrefixLength(),
                address.getAddress().isLoopbackAddress(),
                networkInterface);
    }

    private static boolean isUp(NetworkInterface networkInterface) {
        try {
            return networkInterface.isUp();
        } catch (SocketException e) {
            return false;
        }
    }
}
