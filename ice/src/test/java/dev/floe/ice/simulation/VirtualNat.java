package dev.floe.ice.simulation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A NAT with one public address in front of one host. */
final class VirtualNat {

    private final NatKind kind;
    private final InetAddress publicAddress;
    private final Map<Object, Mapping> byInside = new HashMap<>();
    private final Map<Integer, Mapping> byPort = new HashMap<>();
    private int nextPort = 40_000;

    private record Mapping(InetSocketAddress inside, int port, Set<Object> contacted) {}

    VirtualNat(NatKind kind, InetAddress publicAddress) {
        this.kind = kind;
        this.publicAddress = publicAddress;
    }

    NatKind kind() {
        return kind;
    }

    InetAddress publicAddress() {
        return publicAddress;
    }

    /** What the outside sees as the source of a datagram that leaves. */
    InetSocketAddress outbound(InetSocketAddress inside, InetSocketAddress destination) {
        Object key = kind == NatKind.SYMMETRIC ? Map.entry(inside, destination) : inside;
        Mapping mapping = byInside.computeIfAbsent(key, k -> new Mapping(inside, nextPort++, new HashSet<>()));
        byPort.put(mapping.port(), mapping);
        mapping.contacted().add(destination);
        mapping.contacted().add(destination.getAddress());
        return new InetSocketAddress(publicAddress, mapping.port());
    }

    /** All mappings are gone. */
    void forget() {
        byInside.clear();
        byPort.clear();
    }

    /** Where a datagram that arrives goes inside, or empty if the NAT drops it. */
    Optional<InetSocketAddress> inbound(int port, InetSocketAddress source) {
        return Optional.ofNullable(byPort.get(port))
                .filter(mapping -> switch (kind) {
                    case NONE, FULL_CONE -> true;
                    case ADDRESS_RESTRICTED -> mapping.contacted().contains(source.getAddress());
                    case PORT_RESTRICTED, SYMMETRIC -> mapping.contacted().contains(source);
                })
                .map(Mapping::inside);
    }
}
