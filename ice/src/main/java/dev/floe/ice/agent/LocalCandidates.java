package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** This side's candidates with their bases, priorities and foundations (RFC 8445 §5.1.1 to §5.1.3). */
final class LocalCandidates {

    private static final int MAX_PREFERENCE = 65_535;

    private final List<LocalCandidate> all = new ArrayList<>();
    private final Map<String, String> foundations = new HashMap<>();

    /** Adds a host candidate; each further one is preferred a little less. */
    Optional<Candidate> addHost(InetSocketAddress address, InetSocketAddress base) {
        int preference = MAX_PREFERENCE - all.size();
        return add(CandidateType.HOST, address, base, preference, address.getAddress(), null);
    }

    /** Adds what a STUN server saw, unless it adds nothing to what is known (RFC 8445 §5.1.3). */
    Optional<Candidate> addServerReflexive(LocalCandidate host, InetSocketAddress server, InetSocketAddress mapped) {
        boolean isUsable = mapped.getPort() != 0
                && !mapped.getAddress().isAnyLocalAddress()
                && !mapped.getAddress().isMulticastAddress()
                && host.isOfFamilyOf(mapped)
                // A server on this machine sees what no other machine could use.
                && (!mapped.getAddress().isLoopbackAddress()
                        || host.candidate().address().getAddress().isLoopbackAddress());
        return isUsable
                ? add(
                        CandidateType.SERVER_REFLEXIVE,
                        mapped,
                        host.base(),
                        host.localPreference(),
                        server.getAddress(),
                        host.candidate().address())
                : Optional.empty();
    }

    List<LocalCandidate> hosts() {
        return all.stream()
                .filter(local -> local.candidate().type() == CandidateType.HOST)
                .toList();
    }

    List<Candidate> candidates() {
        return all.stream().map(LocalCandidate::candidate).toList();
    }

    /**
     * One local candidate for each base that can reach the remote candidate: its best one, as a server-reflexive
     * candidate is checked from its base (RFC 8445 §6.1.2.4).
     */
    List<LocalCandidate> basesFor(Candidate remote) {
        Map<InetSocketAddress, LocalCandidate> byBase = new HashMap<>();
        for (LocalCandidate local : all) {
            if (local.isOfFamilyOf(remote.address())) {
                byBase.merge(local.base(), local, LocalCandidates::better);
            }
        }
        return List.copyOf(byBase.values());
    }

    Optional<LocalCandidate> forBase(InetSocketAddress base, InetSocketAddress remote) {
        return all.stream()
                .filter(local -> local.base().equals(base) && local.isOfFamilyOf(remote))
                .reduce(LocalCandidates::better);
    }

    /** The candidate under which the other side sees a check: a known one or a peer-reflexive one (RFC 8445 §7.2.5.3.1). */
    Candidate seenAs(LocalCandidate sentFrom, InetSocketAddress mapped) {
        for (LocalCandidate local : all) {
            if (local.base().equals(sentFrom.base())
                    && local.candidate().address().equals(mapped)) {
                return local.candidate();
            }
        }
        if (mapped.getPort() == 0) {
            return sentFrom.candidate();
        }
        return new Candidate(
                foundation(CandidateType.PEER_REFLEXIVE, mapped.getAddress(), null),
                Candidate.priority(CandidateType.PEER_REFLEXIVE, sentFrom.localPreference()),
                mapped,
                CandidateType.PEER_REFLEXIVE,
                sentFrom.candidate().address());
    }

    private Optional<Candidate> add(
            CandidateType type,
            InetSocketAddress address,
            InetSocketAddress base,
            int preference,
            InetAddress origin,
            InetSocketAddress related) {
        boolean isRedundant = all.stream()
                .anyMatch(local ->
                        local.base().equals(base) && local.candidate().address().equals(address));
        if (isRedundant) {
            return Optional.empty();
        }
        InetAddress interfaceAddress = related == null ? address.getAddress() : related.getAddress();
        Candidate candidate = new Candidate(
                foundation(type, interfaceAddress, origin),
                Candidate.priority(type, preference),
                address,
                type,
                related);
        all.add(new LocalCandidate(candidate, base, preference));
        return Optional.of(candidate);
    }

    // By the interface's address, not by the base's: all host candidates share the one wildcard base, and with one
    // foundation for all of them every pair but one would start frozen.
    private String foundation(CandidateType type, InetAddress interfaceAddress, InetAddress origin) {
        return foundations.computeIfAbsent(
                type + "|" + interfaceAddress + "|" + origin, key -> Integer.toString(foundations.size() + 1));
    }

    private static LocalCandidate better(LocalCandidate a, LocalCandidate b) {
        return b.candidate().priority() > a.candidate().priority() ? b : a;
    }
}
