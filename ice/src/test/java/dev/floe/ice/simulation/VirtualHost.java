package dev.floe.ice.simulation;

import dev.floe.ice.simulation.Scenario.Relay;
import dev.floe.ice.simulation.Scenario.Side;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A host with its interfaces, its routes, the NAT before its primary address and the relay that it has. */
final class VirtualHost {

    /** The one local address that all but relayed candidates have as their base. */
    static final InetSocketAddress WILDCARD = new InetSocketAddress("::", 5000);

    private final Side side;
    private final VirtualNat nat;
    private final InetSocketAddress primary;
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final VirtualRelay relay;

    /** @param number 1 or 2, by which the addresses of the two hosts differ */
    VirtualHost(Side side, int number) {
        this.side = side;
        nat = new VirtualNat(side.nat(), address("203.0.113." + number));
        primary = at(side.nat() == NatKind.NONE ? nat.publicAddress() : address("10." + number + ".0.2"));
        relay = side.hasRelay() ? new VirtualRelay(50_000 + number, side.relay() == Relay.UDP) : null;
        if (side.hasIpv6()) {
            addresses.add(at(address("2001:db8:" + number + "::2")));
        }
        addresses.add(primary);
        if (side.isOnVpn()) {
            addresses.add(at(address("10.8.0." + number)));
        }
        if (side.hasDeadInterface()) {
            addresses.add(at(address("10.99." + number + ".1")));
        }
    }

    List<InetSocketAddress> addresses() {
        return addresses;
    }

    VirtualNat nat() {
        return nat;
    }

    InetSocketAddress primary() {
        return primary;
    }

    Optional<VirtualRelay> relay() {
        return Optional.ofNullable(relay);
    }

    Optional<VirtualRelay> relayAt(InetSocketAddress address) {
        return relay().filter(one -> one.relayed().equals(address));
    }

    /** What the network sees as the source of a datagram to there; empty if it does not get out. */
    Optional<InetSocketAddress> leave(InetSocketAddress destination) {
        if (side.isUdpBlocked()) {
            return Optional.empty();
        }
        if (destination.getAddress() instanceof Inet6Address) {
            return addresses.stream()
                    .filter(own -> own.getAddress() instanceof Inet6Address)
                    .findFirst();
        }
        if (isVpn(destination)) {
            return addresses.stream().filter(VirtualHost::isVpn).findFirst();
        }
        return Optional.of(side.nat() == NatKind.NONE ? primary : nat.outbound(primary, destination));
    }

    /** Whether a datagram from there to this address, as the network knows it, reaches the host. */
    boolean takes(InetSocketAddress source, InetSocketAddress destination) {
        if (side.isUdpBlocked()) {
            return false;
        }
        if (isVpn(destination)) {
            return isVpn(source) && addresses.contains(destination);
        }
        if (destination.getAddress() instanceof Inet6Address) {
            return addresses.contains(destination);
        }
        if (!destination.getAddress().equals(nat.publicAddress())) {
            return false;
        }
        return side.nat() == NatKind.NONE
                ? destination.equals(primary)
                : nat.inbound(destination.getPort(), source).isPresent();
    }

    private static boolean isVpn(InetSocketAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        return bytes.length == 4 && bytes[0] == 10 && bytes[1] == 8;
    }

    private static InetSocketAddress at(InetAddress address) {
        return new InetSocketAddress(address, WILDCARD.getPort());
    }

    private static InetAddress address(String literal) {
        return new InetSocketAddress(literal, 0).getAddress();
    }
}
