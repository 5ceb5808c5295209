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
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The generation that counts and, after a restart, the one before it: that goes on in all until the new one has a pair,
 * and then only answers, for the other side may have got less far (RFC 8445 §9).
 */
final class Generations {

    // Longer than the other side's consent lasts without an answer (RFC 7675 §5.1).
    private static final long LINGER_NANOS = Duration.ofSeconds(35).toNanos();

    private final AgentSession session;
    private final Function<Optional<String>, Generation> factory;
    private Generation current;
    private Generation previous;
    private long retireNanos = IceAgent.NEVER;

    /** @param factory makes a generation, given the username fragment of the description that it answers, if any */
    Generations(AgentSession session, Function<Optional<String>, Generation> factory) {
        this.session = session;
        this.factory = factory;
        current = factory.apply(Optional.empty());
    }

    Generation current() {
        return current;
    }

    /** The generation whose description of the other side came last, if one came. */
    Optional<Generation> lastDescribed() {
        return all().filter(Generation::isDescribed).findFirst();
    }

    /** The generation that the other side knows by this username fragment of its own. */
    Optional<Generation> describedAs(String usernameFragment) {
        return all().filter(generation -> generation.isOf(usernameFragment)).findFirst();
    }

    Optional<Generation> ownerOf(StunMessage request) {
        return all().filter(generation -> generation.owns(request)).findFirst();
    }

    /** Begins a generation of new credentials. */
    void restart(Optional<String> answered) {
        boolean isCurrentOfUse = current.isStarted() && (!isPreviousInUse() || current.hasSelected());
        if (isCurrentOfUse) {
            current.supersede();
            previous = current;
            retireNanos = IceAgent.NEVER;
        }
        current = factory.apply(answered);
        session.tell(new IceEvent.Restarted(current.localDescription()));
    }

    /**
     * Takes what signaling brought: a first description, more of one that is known, or the start or the answer to a
     * restart.
     */
    void describe(IceDescription description, long nowNanos) {
        Optional<Generation> known = describedAs(description.credentials().usernameFragment());
        Optional<String> answered = description.answered();
        if (known.isPresent()) {
            known.get().describe(description, nowNanos);
        } else if (answered.filter(fragment -> !current.isCalled(fragment)).isPresent()) {
            // It answers credentials that a later restart has taken back; its answer to those will come.
            return;
        } else if (current.isDescribed() && answered.isPresent() && !current.hasSelected()) {
            current.describeAnew(description, nowNanos);
        } else {
            if (current.isDescribed()) {
                restart(Optional.of(description.credentials().usernameFragment()));
            }
            current.describe(description, nowNanos);
        }
    }

    /** Whether one of the two takes the response for its own. */
    boolean receiveResponse(StunMessage response, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        return all().anyMatch(generation -> generation.receiveResponse(response, base, sender, nowNanos));
    }

    /** A relay that gave addresses to all generations has lost them. */
    void relayLost(TurnAllocation allocation, long nowNanos) {
        all().forEach(generation -> generation.relayLost(allocation, nowNanos));
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
        return all().flatMap(generation -> generation.selectedPair().stream()).findFirst();
    }

    List<CandidatePairStats> stats() {
        return all().flatMap(generation -> generation.stats().stream()).toList();
    }

    boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
        return all().anyMatch(generation -> generation.isAuthenticated(base, sender));
    }

    private Optional<Reason> failure(long nowNanos) {
        Optional<Reason> reason = current.failure(nowNanos);
        if (isPreviousInUse()) {
            Optional<Reason> reasonBefore = previous.failure(nowNanos);
            if (reasonBefore.isPresent()) {
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
