package dev.floe.ice.agent;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceEvent.SessionFailed.Reason;
import dev.floe.stun.StunMessage;
import dev.floe.stun.turn.TurnAllocation;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The generation that counts and, after a restart, the one before it: that goes on in all until the new one has a pair,
 * and then only answers, for the other side may have got less far (RFC 8445 §9).
 */
final class Generations {

    // Longer than the other side's consent lasts without an answer (RFC 7675 §5.1).
    private static final long LINGER_NANOS = Duration.ofSeconds(35).toNanos();

    private final AgentSession session;
    private final Supplier<Generation> factory;
    private Generation current;
    private Generation previous;
    private long retireNanos = IceAgent.NEVER;

    Generations(AgentSession session, Supplier<Generation> factory) {
        this.session = session;
        this.factory = factory;
        current = factory.get();
    }

    Generation current() {
        return current;
    }

    /** Those that the last description of the other side is for. */
    List<Generation> lastDescribed() {
        return all().flatMap(generation -> generation.remoteFragment().stream())
                .findFirst()
                .map(this::describedAs)
                .orElse(List.of());
    }

    /** Those that the other side knows by this username fragment of its own. */
    List<Generation> describedAs(String usernameFragment) {
        return all().filter(generation -> generation.isDescribedAs(usernameFragment))
                .toList();
    }

    /** By which this side goes in all of them. */
    Set<String> usernameFragments() {
        return all().flatMap(Generation::usernameFragments).collect(Collectors.toUnmodifiableSet());
    }

    Optional<Generation> ownerOf(StunMessage request, long nowNanos) {
        return all().filter(generation -> generation.owns(request, nowNanos)).findFirst();
    }

    /**
     * Begins a generation of new credentials. Until the other side answers with new ones of its own, those that it had
     * stand for them: it will not answer so if it has no pair yet, or never heard of the generation before.
     */
    void restart() {
        Generation before = current;
        begin();
        current.inherit(before);
    }

    /**
     * Takes what signaling brought: a first description, more of one that is known, or the start or the answer to a
     * restart. Where no pair is in use a restart is followed without another in return, so that the two sides' never
     * set off each other.
     */
    void describe(IceDescription description, long nowNanos) {
        List<Generation> known = describedAs(description.credentials().usernameFragment());
        if (!known.isEmpty()) {
            known.forEach(generation -> generation.describe(description, nowNanos));
            return;
        }
        if (current.hasSelected()) {
            begin();
        }
        current.describeAnew(description, nowNanos);
    }

    /** Whether one of the two takes the response for its own. */
    boolean receiveResponse(StunMessage response, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        // Each is asked: while a restart makes do with the old description, the other side's password is that of both.
        return all().filter(generation -> generation.receiveResponse(response, base, sender, nowNanos))
                        .count()
                > 0;
    }

    /** A relay that gave addresses to all generations has lost them. */
    void relayLost(TurnAllocation allocation, long nowNanos) {
        all().forEach(generation -> generation.relayLost(allocation, nowNanos));
    }

    /** This host's network has changed. */
    void networkChanged(GatherPlan plan, long nowNanos) {
        active().forEach(generation -> generation.networkChanged(plan, nowNanos));
    }

    /** The selected pair owes an answer. */
    void suspect(long nowNanos) {
        active().forEach(generation -> generation.suspect(nowNanos));
    }

    /** Whether the other side may know of this address. */
    boolean isOpen(InetSocketAddress base, InetSocketAddress sender) {
        return all().anyMatch(generation -> generation.isOpen(base, sender));
    }

    void roleSwitched(long nowNanos) {
        all().forEach(generation -> generation.roleSwitched(nowNanos));
    }

    /**
     * Does what is due, but for requests.
     *
     * @return why the session is over, if it is
     */
    Optional<Reason> advance(long nowNanos) {
        active().forEach(generation -> generation.advance(nowNanos));
        if (retireNanos == IceAgent.NEVER && previous != null && current.hasSelected()) {
            previous.retire();
            retireNanos = nowNanos + LINGER_NANOS;
        }
        if (nowNanos >= retireNanos) {
            forgetPrevious();
        }
        return failure(nowNanos);
    }

    /** The next request that is due, or null; it counts as sent. */
    AgentOutput.Transmit nextRequest(long nowNanos) {
        for (Generation generation : active().toList()) {
            AgentOutput.Transmit request = generation.nextRequest(nowNanos);
            if (request != null) {
                return request;
            }
        }
        return null;
    }

    /** When {@link #nextRequest} next has one, were it not for the pacing. */
    long nextRequestNanos() {
        return active().mapToLong(Generation::nextRequestNanos).min().orElseThrow();
    }

    /** When {@link #advance} next has something to do. */
    long deadlineNanos() {
        return Math.min(
                retireNanos, active().mapToLong(Generation::deadlineNanos).min().orElseThrow());
    }

    Optional<CandidatePair> selectedPair() {
        return inUse().flatMap(Generation::selectedPair);
    }

    List<CandidatePairStats> stats() {
        Generation inUse = inUse().orElse(null);
        return all().flatMap(generation -> generation.stats(generation == inUse).stream())
                .toList();
    }

    boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
        return all().anyMatch(generation -> generation.isAuthenticated(base, sender));
    }

    private Optional<Reason> failure(long nowNanos) {
        Optional<Reason> reason = current.failure(nowNanos);
        if (isPreviousInUse()) {
            Optional<Reason> reasonBefore = previous.failure(nowNanos);
            if (reasonBefore.isPresent()) {
                previous.selectedPair().ifPresent(pair -> session.tell(new IceEvent.ConsentExpired(pair)));
                forgetPrevious();
                return current.isStarted() ? reason : reasonBefore;
            }
            if (reason.isPresent() && previous.hasSelected()) {
                goBack();
                return Optional.empty();
            }
        }
        return reason;
    }

    // What the restart should have improved on still works.
    private void goBack() {
        current = previous;
        forgetPrevious();
        session.tell(new IceEvent.RestartFailed());
        current.resume();
    }

    private void begin() {
        if (current.isStarted() && (!isPreviousInUse() || current.hasSelected())) {
            current.supersede();
            previous = current;
            retireNanos = IceAgent.NEVER;
        }
        current = factory.get();
        session.tell(new IceEvent.Restarted(current.localDescription()));
    }

    /** The one whose selected pair carries data. */
    private Optional<Generation> inUse() {
        return all().filter(Generation::hasSelected).findFirst();
    }

    private boolean isPreviousInUse() {
        return previous != null && retireNanos == IceAgent.NEVER;
    }

    private void forgetPrevious() {
        previous = null;
        retireNanos = IceAgent.NEVER;
    }

    private Stream<Generation> all() {
        return previous == null ? Stream.of(current) : Stream.of(current, previous);
    }

    private Stream<Generation> active() {
        return isPreviousInUse() ? Stream.of(current, previous) : Stream.of(current);
    }
}
