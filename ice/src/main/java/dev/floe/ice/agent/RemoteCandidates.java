package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The other side's candidates by address: those that it signaled, and those that its checks have shown. */
final class RemoteCandidates {

    // Far more than a peer has; beyond that, and for an address that is known, whatever comes is forgotten.
    private static final int MAX_SIGNALED = 1000;
    private static final int MAX_PEER_REFLEXIVE = Checklist.MAX_PAIRS / 2;
    private static final long MAX_PRIORITY = Integer.MAX_VALUE;

    private final Map<InetSocketAddress, Candidate> byAddress = new LinkedHashMap<>();
    private final Set<InetSocketAddress> peerReflexive = new HashSet<>();
    private int signaled;
    private int learned;

    /**
     * Adds a signaled candidate; one that a check has shown before takes its place (RFC 8838 §11).
     *
     * @return whether it says something new
     */
    boolean add(Candidate candidate) {
        boolean isNews = !byAddress.containsKey(candidate.address()) || peerReflexive.contains(candidate.address());
        if (!isNews || signaled == MAX_SIGNALED) {
            return false;
        }
        signaled++;
        peerReflexive.remove(candidate.address());
        byAddress.put(candidate.address(), candidate);
        return true;
    }

    /** RFC 8445 §7.3.1.3; empty if there are too many candidates. */
    Optional<Candidate> addPeerReflexive(InetSocketAddress address, long priority) {
        if (peerReflexive.size() == MAX_PEER_REFLEXIVE) {
            return Optional.empty();
        }
        long sane = Math.max(1, Math.min(priority, MAX_PRIORITY));
        Candidate candidate = new Candidate("prflx" + ++learned, sane, address, CandidateType.PEER_REFLEXIVE, null);
        peerReflexive.add(address);
        byAddress.put(address, candidate);
        return Optional.of(candidate);
    }

    /** Nothing is known any more of what a check has shown. */
    void forget(InetSocketAddress address) {
        if (peerReflexive.remove(address)) {
            byAddress.remove(address);
        }
    }

    Optional<Candidate> find(InetSocketAddress address) {
        return Optional.ofNullable(byAddress.get(address));
    }

    /** The same without what only checks have shown. */
    RemoteCandidates signaled() {
        RemoteCandidates copy = new RemoteCandidates();
        byAddress.values().stream()
                .filter(candidate -> !peerReflexive.contains(candidate.address()))
                .forEach(copy::add);
        return copy;
    }

    Collection<Candidate> all() {
        return Collections.unmodifiableCollection(byAddress.values());
    }
}
