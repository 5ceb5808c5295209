package dev.floe.ice.simulation;

import dev.floe.ice.agent.GatherPlan.Host;
import dev.floe.ice.simulation.RoamingScenario.Side;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A host that walks from network to network, each behind a NAT, with a second interface beside that if it has one. */
final class RoamingHost {

    /** The base of whatever the default route carries. */
    static final InetSocketAddress WILDCARD = new InetSocketAddress("::", 5000);

    private final List<Network> networks = new ArrayList<>();
    private final Network second;
    private Network current;
    private boolean isDown;
    private boolean isSecondUp;

    /** A network with this host in it. */
    private static final class Network {
        final VirtualNat nat;
        final InetAddress address;
        boolean isCut;

        Network(NatKind kind, InetAddress external, InetAddress internal) {
            nat = new VirtualNat(kind, external);
            address = kind == NatKind.NONE ? external : internal;
        }

        boolean isOpen() {
            return nat.kind() == NatKind.NONE;
        }

        Optional<InetSocketAddress> leave(int port, InetSocketAddress destination) {
            InetSocketAddress inside = new InetSocketAddress(address, port);
            return isCut ? Optional.empty() : Optional.of(isOpen() ? inside : nat.outbound(inside, destination));
        }

        Optional<InetSocketAddress> enter(InetSocketAddress source, InetSocketAddress destination) {
            if (isCut || !destination.getAddress().equals(nat.publicAddress())) {
                return Optional.empty();
            }
            return isOpen() ? Optional.of(destination) : nat.inbound(destination.getPort(), source);
        }
    }

    /** @param number 1 or 2, by which the addresses of the two hosts differ */
    RoamingHost(Side side, int number) {
        for (int i = 0; i < side.nats().size(); i++) {
            networks.add(new Network(
                    side.nats().get(i),
                    address("203.0." + number + "." + (i + 1)),
                    address("10." + number + "." + (i + 1) + ".2")));
        }
        current = networks.get(0);
        isSecondUp = side.hasSecond();
        second = new Network(
                NatKind.PORT_RESTRICTED, address("203.0." + number + ".99"), address("10." + number + ".99.2"));
    }

    /** What candidates are gathered from. */
    List<Host> hosts() {
        List<Host> hosts = new ArrayList<>();
        if (!isDown) {
            hosts.add(new Host(new InetSocketAddress(current.address, WILDCARD.getPort()), WILDCARD));
        }
        if (isSecondUp) {
            hosts.add(new Host(secondBase(), secondBase()));
        }
        return hosts;
    }

    /** To the next network; the second interface's is one of them while that is up. */
    void roam() {
        List<Network> all = new ArrayList<>(networks);
        if (isSecondUp) {
            all.add(second);
        }
        current = all.get((all.indexOf(current) + 1) % all.size());
    }

    void down(boolean isDown) {
        this.isDown = isDown;
    }

    void cut(boolean isCut) {
        networks.forEach(network -> network.isCut = isCut && network == current);
        second.isCut = isCut && second == current;
    }

    void forget() {
        current.nat.forget();
    }

    void toggleSecond() {
        isSecondUp = !isSecondUp || current == second;
    }

    /** Whether anything passes over the default route. */
    boolean isOnline() {
        return !isDown && !current.isCut;
    }

    /** The NATs through which the host has a way out. */
    List<NatKind> ways() {
        List<NatKind> ways = new ArrayList<>();
        if (isOnline()) {
            ways.add(current.nat.kind());
        }
        if (isSecondUp && !second.isCut) {
            ways.add(second.nat.kind());
        }
        return ways;
    }

    /** What the outside sees as the source of a datagram; empty if it does not get out. */
    Optional<InetSocketAddress> leave(InetSocketAddress base, InetSocketAddress destination) {
        if (base.equals(WILDCARD)) {
            return isDown ? Optional.empty() : current.leave(WILDCARD.getPort(), destination);
        }
        return isSecondUp ? second.leave(base.getPort(), destination) : Optional.empty();
    }

    /** The base that a datagram arrives at, if it reaches this host. */
    Optional<InetSocketAddress> takes(InetSocketAddress source, InetSocketAddress destination) {
        InetSocketAddress own = new InetSocketAddress(current.address, WILDCARD.getPort());
        if (!isDown && current.enter(source, destination).filter(own::equals).isPresent()) {
            return Optional.of(WILDCARD);
        }
        return isSecondUp ? second.enter(source, destination).filter(secondBase()::equals) : Optional.empty();
    }

    private InetSocketAddress secondBase() {
        return new InetSocketAddress(second.address, 5001);
    }

    private static InetAddress address(String literal) {
        return new InetSocketAddress(literal, 0).getAddress();
    }
}
