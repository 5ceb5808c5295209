package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The other side's candidates by address: those that it signaled, and those that its checks have shown. A peer that roams
 * leaves many behind, which are forgotten, the oldest first, as new ones come.
 */
final class RemoteCandidates {

    // As many as a peer of some interfaces and relays has in one place.
    private static final int ENOUGH = 20;
    // Far more than a peer has; beyond that, whatever comes is forgotten.
    private static final int MAX_SIGNALED = 1000;
    private static final int MAX_PEER_REFLEXIVE = Checklist.MAX_PAIRS / 2;
    private static final long MAX_PRIORITY = Integer.MAX_VALUE;
    // Longer than the checks of a new candidate take.
    private static final long TRIAL_NANOS = Duration.ofSeconds(30).toNanos();

    private final Map<InetSocketAddress, Known> byAddress = new LinkedHashMap<>();
    private int peerReflexive;
    private int learned;

    private record Known(Candidate candidate, boolean isSignaled, long sinceNanos) {}

    /**
     * Adds a signaled candidate; one that a check has shown before takes its place (RFC 8838 §11).
     *
     * @return whether it says something new
     */
    boolean add(Candidate candidate, long nowNanos) {
        Known known = byAddress.get(candidate.address());
        boolean isNews = known == null || !known.isSignaled();
        if (!isNews || byAddress.size() - peerReflexive == MAX_SIGNALED) {
            return false;
        }
        forget(candidate.address());
        byAddress.put(candidate.address(), new Known(candidate, true, nowNanos));
        return true;
    }

    /** RFC 8445 §7.3.1.3; empty if there are too many candidates. */
    Optional<Candidate> addPeerReflexive(InetSocketAddress address, long priority, long nowNanos) {
        if (peerReflexive == MAX_PEER_REFLEXIVE) {
            return Optional.empty();
        }
        long sane = Math.max(1, Math.min(priority, MAX_PRIORITY));
        Candidate candidate = new Candidate("prflx" + ++learned, sane, address, CandidateType.PEER_REFLEXIVE, null);
        byAddress.put(address, new Known(candidate, false, nowNanos));
        peerReflexive++;
        return Optional.of(candidate);
    }

    /** Nothing is known any more of this address. */
    void forget(InetSocketAddress address) {
        Known forgotten = byAddress.remove(address);
        peerReflexive -= forgotten == null || forgotten.isSignaled() ? 0 : 1;
    }

    /** The oldest one that has had its time and is not of use, if there are more than enough. */
    Optional<InetSocketAddress> oldest(Predicate<InetSocketAddress> isOfUse, long nowNanos) {
        return byAddress.size() < ENOUGH
                ? Optional.empty()
                : byAddress.entrySet().stream()
                        .filter(known -> nowNanos - known.getValue().sinceNanos() >= TRIAL_NANOS)
                        .map(Map.Entry::getKey)
                        .filter(isOfUse.negate())
                        .findFirst();
    }

    Optional<Candidate> find(InetSocketAddress address) {
        return Optional.ofNullable(byAddress.get(address)).map(Known::candidate);
    }

    /** The same without what only checks have shown. */
    RemoteCandidates signaled() {
        RemoteCandidates copy = new RemoteCandidates();
        byAddress.values().stream()
                .filter(Known::isSignaled)
                .forEach(known -> copy.add(known.candidate(), known.sinceNanos()));
        return copy;
    }

    List<Candidate> all() {
        return byAddress.values().stream().map(Known::candidate).toList();
    }
}
