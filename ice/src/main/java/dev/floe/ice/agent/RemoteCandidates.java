package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The other side's candidates by address, no more of them than a checklist has room for. */
final class RemoteCandidates {

    private static final long MAX_PRIORITY = Integer.MAX_VALUE;

    private final Map<InetSocketAddress, Candidate> byAddress = new LinkedHashMap<>();
    private int peerReflexive;

    /** Adds a signaled candidate, unless one of its address is known or there are too many. */
    boolean add(Candidate candidate) {
        return byAddress.size() < Checklist.MAX_PAIRS && byAddress.putIfAbsent(candidate.address(), candidate) == null;
    }

    /** RFC 8445 §7.3.1.3; empty if there are too many candidates. */
    Optional<Candidate> addPeerReflexive(InetSocketAddress address, long priority) {
        long sane = Math.max(1, Math.min(priority, MAX_PRIORITY));
        Candidate candidate =
                new Candidate("prflx" + ++peerReflexive, sane, address, CandidateType.PEER_REFLEXIVE, null);
        return add(candidate) ? Optional.of(candidate) : Optional.empty();
    }

    Optional<Candidate> find(InetSocketAddress address) {
        return Optional.ofNullable(byAddress.get(address));
    }
}
