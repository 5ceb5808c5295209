package dev.floe.ice.agent;

import static dev.floe.ice.CandidatePairState.SUCCEEDED;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;

/** What the other side's checks lead to: new pairs, triggered checks, nominations (RFC 8445 §7.3.1). */
final class TriggeredChecks {

    // As long as a check by the book takes to be sent twice.
    private static final long PRESUME_NANOS = Duration.ofMillis(500).toNanos();

    // draft-thatcher-ice-renomination: 24 bits in 32, the first eight of which mean nothing.
    private static final long MAX_NOMINATION = 0xff_ffff;

    private final AgentSession session;
    private final LocalCandidates locals;
    private final RemoteCandidates remotes;
    private final RoleConflict role;
    private final Checklist checklist;
    private final Nominator nominator;
    private final ConsentMonitor consent;
    private final Selection selection;
    private final PathMonitor paths;
    private final Agreement agreement;
    private CheckedPair presumed;
    private long presumeNanos = IceAgent.NEVER;

    TriggeredChecks(
            AgentSession session,
            LocalCandidates locals,
            RemoteCandidates remotes,
            RoleConflict role,
            Checklist checklist,
            Nominator nominator,
            ConsentMonitor consent,
            Selection selection,
            PathMonitor paths,
            Agreement agreement) {
        this.session = session;
        this.locals = locals;
        this.remotes = remotes;
        this.role = role;
        this.checklist = checklist;
        this.nominator = nominator;
        this.consent = consent;
        this.selection = selection;
        this.paths = paths;
        this.agreement = agreement;
    }

    /**
     * Takes an authentic request of the described peer that has been answered.
     *
     * @return whether there is a pair that it came over, or room for one
     */
    boolean learn(StunMessage request, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        CheckedPair pair = pairFor(request, base, sender, nowNanos);
        if (pair == null) {
            return false;
        }
        boolean isFirst = pair.lastRequest == null;
        boolean isRetransmission = request.transactionId().equals(pair.lastRequest);
        pair.authenticated = true;
        pair.received(request.transactionId());
        if (role.role() == IceRole.CONTROLLED && request.has(StunAttribute.UseCandidate.class)) {
            nominated(pair, request, nowNanos);
        } else if (agreement.isRevisable() && !isRetransmission && isWish(request)) {
            paths.wishedFor(pair, nominationOf(request), nowNanos);
        }
        if (isFirst) {
            session.tell(new IceEvent.PairAuthenticated(pair.toPair()));
        }
        if (agreement.isLocalLite()) {
            answeredAsLite(pair, request, nowNanos);
        } else if (!isRetransmission && pair.state() != SUCCEEDED) {
            if (role.role() == IceRole.CONTROLLING) {
                nominator.beforeTriggered(pair);
            }
            checklist.trigger(pair);
        }
        return true;
    }

    /** When {@link #advance} next has something to do. */
    long deadlineNanos() {
        return presumeNanos;
    }

    /**
     * A peer without options may go deaf to STUN the moment it has nominated, as aioice does when its socket is taken for
     * QUIC: a check of ours that is late by a few milliseconds is then never answered. It has authenticated itself, it
     * has had an answer of ours and it waits on this pair, so after a while the pair counts as valid all the same.
     */
    void advance(long nowNanos) {
        if (nowNanos < presumeNanos) {
            return;
        }
        presumeNanos = IceAgent.NEVER;
        if (selection.isNone() && role.role() == IceRole.CONTROLLED && !presumed.isValid()) {
            presumed.validated(presumed.local.candidate(), PRESUME_NANOS, nowNanos);
            checklist.settle(presumed);
            selection.validated(presumed);
            selection.consider(presumed, nowNanos);
        }
    }

    // RFC 8445 §7.3.2: the other side's word is enough. Its consent checks stand in for our own.
    private void answeredAsLite(CheckedPair pair, StunMessage request, long nowNanos) {
        if (!pair.isValid() && request.has(StunAttribute.UseCandidate.class)) {
            pair.validated(pair.local.candidate(), 0, nowNanos);
            selection.validated(pair);
        }
        selection.consider(pair, nowNanos);
        if (selection.is(pair)) {
            consent.renewed(nowNanos);
        }
    }

    // A departure from RFC 8445: to ask for a pair is the controlled side's way out when its selected one is dead.
    private boolean isWish(StunMessage request) {
        return role.role() == IceRole.CONTROLLING
                && request.has(StunAttribute.Nomination.class)
                && !request.has(StunAttribute.UseCandidate.class);
    }

    private static long nominationOf(StunMessage request) {
        return request.find(StunAttribute.Nomination.class)
                .map(nomination -> nomination.value() & MAX_NOMINATION)
                .orElse(0L);
    }

    private void nominated(CheckedPair pair, StunMessage request, long nowNanos) {
        long value = nominationOf(request);
        pair.remoteNomination = Math.max(pair.remoteNomination, value);
        if (pair.isValid() && !selection.is(pair) && consent.isStale(pair.lastResponseNanos(), nowNanos)) {
            pair.failed();
        }
        selection.consider(pair, nowNanos);
        if (!consent.isAnswered() && !pair.isValid() && presumed == null) {
            presumed = pair;
            presumeNanos = nowNanos + PRESUME_NANOS;
        }
    }

    /** The pair that a request came over, made from a peer-reflexive candidate if need be; null if there are too many. */
    private CheckedPair pairFor(StunMessage request, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        CheckedPair known = checklist.find(base, sender);
        if (known != null) {
            return known;
        }
        Optional<LocalCandidate> local = locals.forBase(base, sender);
        Optional<Candidate> remote = local.isEmpty()
                ? Optional.empty()
                : remotes.find(sender).or(() -> peerReflexive(request, sender, nowNanos));
        if (remote.isEmpty()) {
            return null;
        }
        CheckedPair pair = new CheckedPair(local.get(), remote.get());
        return checklist.addAuthenticated(pair) ? pair : null;
    }

    private Optional<Candidate> peerReflexive(StunMessage request, InetSocketAddress sender, long nowNanos) {
        Optional<Candidate> candidate = request.find(StunAttribute.Priority.class)
                .flatMap(priority -> remotes.addPeerReflexive(sender, priority.value(), nowNanos)
                        .or(() -> forgetOne(nowNanos)
                                ? remotes.addPeerReflexive(sender, priority.value(), nowNanos)
                                : Optional.empty()));
        candidate.ifPresent(added -> session.tell(new IceEvent.RemoteCandidateAdded(added)));
        return candidate;
    }

    /** Makes room for an address by forgetting the one that has been dead for longest; whether there is any. */
    private boolean forgetOne(long nowNanos) {
        Optional<CheckedPair> dead = checklist.pairs().stream()
                .filter(pair -> pair.remote.type() == CandidateType.PEER_REFLEXIVE
                        && !pair.isUndecided()
                        && !pair.liveness.isFresh(nowNanos)
                        && !selection.is(pair))
                .min(Comparator.comparingLong(CheckedPair::lastResponseNanos));
        dead.ifPresent(pair -> {
            checklist.remove(pair);
            remotes.forget(pair.remote.address());
        });
        return dead.isPresent();
    }
}
