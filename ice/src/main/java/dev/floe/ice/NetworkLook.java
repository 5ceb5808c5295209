package dev.floe.ice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One look at the network: asks for each thing once, however many sessions want to know. Not thread-safe. */
final class NetworkLook implements HostNetwork {

    private final HostNetwork network;
    private final Map<InetSocketAddress, Optional<InetAddress>> sources = new HashMap<>();
    private List<HostAddress> addresses;

    NetworkLook(HostNetwork network) {
        this.network = network;
    }

    @Override
    public List<HostAddress> addresses() {
        if (addresses == null) {
            addresses = network.addresses();
        }
        return addresses;
    }

    @Override
    public Optional<InetAddress> sourceTo(InetSocketAddress destination) {
        return sources.computeIfAbsent(destination, network::sourceTo);
    }
}
