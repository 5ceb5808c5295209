package dev.floe.ice.agent;

import dev.floe.ice.AddressPolicy;
import dev.floe.ice.Candidate;
import dev.floe.ice.IceConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What the other side is told of this side's candidates (RFC 8828 §5.2, draft-ietf-mmusic-mdns-ice-candidates §3.1). */
final class Disclosure {

    private static final int DISCARD_PORT = 9;

    private final AddressPolicy policy;
    private final boolean hidesHosts;
    private final Map<InetAddress, String> mdnsNames = new HashMap<>();

    Disclosure(IceConfig config) {
        policy = config.addressPolicy();
        hidesHosts = config.hidesHostAddresses() || policy == AddressPolicy.REFLEXIVE_ONLY;
    }

    void nameHosts(Map<InetAddress, String> mdnsNames) {
        this.mdnsNames.putAll(mdnsNames);
    }

    /** The candidate as the other side may know it; empty if it is to know nothing of it. */
    Optional<Candidate> of(Candidate candidate) {
        return switch (candidate.type()) {
            case HOST -> hidesHosts ? named(candidate) : Optional.of(candidate);
            case RELAYED ->
                Optional.of(
                        hidesHosts || policy == AddressPolicy.RELAY_ONLY
                                ? withoutRelatedAddress(candidate)
                                : candidate);
            case SERVER_REFLEXIVE, PEER_REFLEXIVE ->
                Optional.of(hidesHosts ? withoutRelatedAddress(candidate) : candidate);
        };
    }

    private Optional<Candidate> named(Candidate host) {
        return Optional.ofNullable(mdnsNames.get(host.address().getAddress()))
                .filter(name -> policy != AddressPolicy.REFLEXIVE_ONLY)
                .map(name -> new Candidate(
                        host.foundation(),
                        host.priority(),
                        InetSocketAddress.createUnresolved(name, host.address().getPort()),
                        host.type(),
                        null));
    }

    // RFC 8839 §9.1.
    private static Candidate withoutRelatedAddress(Candidate candidate) {
        boolean isIpv4 = candidate.address().getAddress().getAddress().length == 4;
        InetSocketAddress nothing = new InetSocketAddress(isIpv4 ? "0.0.0.0" : "::", DISCARD_PORT);
        return new Candidate(
                candidate.foundation(), candidate.priority(), candidate.address(), candidate.type(), nothing);
    }
}
