package dev.floe.ice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.List;
import java.util.Optional;

/** What the system says of this machine's place in the network. Each call takes a few system calls. */
interface HostNetwork {

    /** The real one. */
    HostNetwork SYSTEM = new SystemNetwork();

    /**
     * An address of an interface that is up.
     *
     * @param networkInterface null if it is not known, as in tests
     */
    record HostAddress(InetAddress address, int prefixLength, boolean isLoopback, NetworkInterface networkInterface) {}

    List<HostAddress> addresses();

    /** The address that a socket bound to the wildcard address would send from; empty if there is no route. */
    Optional<InetAddress> sourceTo(InetSocketAddress destination);
}
