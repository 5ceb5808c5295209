package dev.floe.ice.agent;

import static dev.floe.ice.agent.CandidatePairState.SUCCEEDED;
import static dev.floe.ice.agent.CheckedPair.NOT_NOMINATED;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceEvent.SessionFailed.Reason;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** What an agent does from the moment it knows both descriptions: check, nominate, keep consent (RFC 8445 §7, §8). */
final class ConnectivityChecks {

    // As long as a check by the book takes to be sent twice.
    private static final long PRESUME_NANOS = Duration.ofMillis(500).toNanos();

    private final AgentSession session;
    private final LocalCandidates locals;
    private final CheckMessages messages;
    private final RoleConflict role;
    private final CheckTiming timing;
    private final RemoteCandidates remotes = new RemoteCandidates();
    private final Checklist checklist = new Checklist();
    private final Nominator nominator;
    private final ConsentMonitor consent;
    private final CheckScheduler scheduler;
    private long giveUpNanos;
    private CheckedPair presumed;
    private long presumeNanos = IceAgent.NEVER;

    ConnectivityChecks(
            AgentSession session,
            LocalCandidates locals,
            CheckMessages messages,
            RoleConflict role,
            long pacingNanos,
            CheckTiming timing,
            boolean isRevisable,
            boolean isConsentGiven,
            RandomGenerator random) {
        this.session = session;
        this.locals = locals;
        this.messages = messages;
        this.role = role;
        this.timing = timing;
        nominator = new Nominator(isRevisable, checklist);
        consent = new ConsentMonitor(isConsentGiven, random);
        scheduler = new CheckScheduler(checklist, messages, role, nominator, consent, timing, pacingNanos);
    }

    void start(IceDescription remote, long nowNanos) {
        giveUpNanos = nowNanos + timing.patienceNanos();
        remote.candidates().forEach(this::addRemoteCandidate);
        checklist.thawFirstOfEachFoundation();
    }

    /** Takes an authentic request that has been answered (RFC 8445 §7.3.1). */
    void learn(StunMessage request, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        CheckedPair pair = messages.isFromDescribedPeer(request) ? pairFor(request, base, sender) : null;
        if (pair == null) {
            session.droppedUnauthenticated();
            return;
        }
        boolean isFirst = !pair.authenticated;
        boolean isRetransmission = request.transactionId().equals(pair.lastRequest);
        pair.authenticated = true;
        pair.lastRequest = request.transactionId();
        if (role.role() == IceRole.CONTROLLED && request.has(StunAttribute.UseCandidate.class)) {
            long nomination = request.find(StunAttribute.Nomination.class)
                    .map(StunAttribute.Nomination::value)
                    .orElse(0L);
            pair.remoteNomination = Math.max(pair.remoteNomination, nomination);
            if (pair.isValid() && pair != nominator.selected() && consent.isStale(pair.lastResponseNanos(), nowNanos)) {
                pair.failed();
            }
            selectIf(nominator.consider(pair, role.role()), pair, nowNanos);
            if (!consent.isAnswered() && !pair.isValid() && presumed == null) {
                presumed = pair;
                presumeNanos = nowNanos + PRESUME_NANOS;
            }
        }
        if (isFirst) {
            session.tell(new IceEvent.PairAuthenticated(pair.toPair()));
        }
        if (!isRetransmission && pair.state != SUCCEEDED) {
            if (role.role() == IceRole.CONTROLLING) {
                nominator.beforeTriggered(pair);
            }
            checklist.trigger(pair);
        }
    }

    /** Takes a response that is not for the gatherer (RFC 8445 §7.2.5). */
    void receiveResponse(StunMessage response, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        if (!messages.isResponseAuthentic(response)) {
            session.droppedUnauthenticated();
            return;
        }
        for (CheckedPair pair : checklist.pairs()) {
            Check check = pair.answered(response.transactionId());
            if (check != null) {
                boolean isUsable = pair.remote.address().equals(sender)
                        && pair.base().equals(base)
                        && response.unknownComprehensionRequired().isEmpty();
                answered(pair, check, isUsable ? response : null, nowNanos);
                return;
            }
        }
    }

    /** The role has become the other one. */
    void roleSwitched(long nowNanos) {
        checklist.sort(role.role());
        nominator.roleSwitched(role.role(), nowNanos);
    }

    /** Does what is due, but for requests. */
    void advance(long nowNanos) {
        presumeValid(nowNanos);
        expireChecks(nowNanos);
        nominateIfControlling(nowNanos);
        failIfHopeless(nowNanos);
    }

    /** Which request goes out next, and when. */
    CheckScheduler scheduler() {
        return scheduler;
    }

    /** When {@link #advance} next has something to do. */
    long deadlineNanos() {
        long next = Math.min(giveUpNanos, presumeNanos);
        return Math.min(next, Math.min(consent.expiryNanos(), nominator.deadlineNanos()));
    }

    Optional<CandidatePair> selectedPair() {
        return Optional.ofNullable(nominator.selected()).map(CheckedPair::toPair);
    }

    boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
        CheckedPair pair = checklist.find(base, sender);
        return pair != null && (pair.authenticated || pair.isValid());
    }

    private void addRemoteCandidate(Candidate candidate) {
        if (remotes.add(candidate)) {
            session.tell(new IceEvent.RemoteCandidateAdded(candidate));
            for (LocalCandidate local : locals.basesFor(candidate)) {
                checklist.add(new CheckedPair(local, candidate), role.role());
            }
        }
    }

    /** The pair that a request came over, made from a peer-reflexive candidate if need be; null if there are too many. */
    private CheckedPair pairFor(StunMessage request, InetSocketAddress base, InetSocketAddress sender) {
        CheckedPair known = checklist.find(base, sender);
        if (known != null) {
            return known;
        }
        Optional<LocalCandidate> local = locals.forBase(base, sender);
        Optional<Candidate> candidate = remotes.find(sender).or(() -> addPeerReflexive(request, sender));
        if (local.isEmpty() || candidate.isEmpty() || checklist.isFull()) {
            return null;
        }
        CheckedPair pair = new CheckedPair(local.get(), candidate.get());
        checklist.add(pair, role.role());
        return pair;
    }

    private Optional<Candidate> addPeerReflexive(StunMessage request, InetSocketAddress sender) {
        Optional<Candidate> candidate = request.find(StunAttribute.Priority.class)
                .flatMap(priority -> remotes.addPeerReflexive(sender, priority.value()));
        candidate.ifPresent(added -> session.tell(new IceEvent.RemoteCandidateAdded(added)));
        return candidate;
    }

    /**
     * @param response null if it came another way than the request went (RFC 8445 §7.2.5.2.1) or has an attribute that
     *     has to be understood and is not (RFC 8489 §6.3.3)
     */
    private void answered(CheckedPair pair, Check check, StunMessage response, long nowNanos) {
        Optional<InetSocketAddress> mapped = response == null
                ? Optional.empty()
                : response.find(StunAttribute.XorMappedAddress.class).map(StunAttribute.XorMappedAddress::address);
        Optional<Integer> error = response == null
                ? Optional.empty()
                : response.find(StunAttribute.ErrorCode.class).map(StunAttribute.ErrorCode::code);
        if (mapped.isPresent() && error.isEmpty()) {
            succeeded(pair, check, mapped.get(), nowNanos);
        } else if (error.filter(code -> code == 487).isPresent()) {
            if (role.refused(check.role())) {
                session.tell(new IceEvent.RoleSwitched(role.role()));
                roleSwitched(nowNanos);
            }
            checklist.trigger(pair);
        } else if (check.equals(pair.check())) {
            failed(pair, nowNanos);
        }
    }

    private void succeeded(CheckedPair pair, Check check, InetSocketAddress mapped, long nowNanos) {
        boolean isFirst = !pair.isValid();
        boolean isPending =
                pair.nomination != NOT_NOMINATED && pair.nomination != check.nomination() && pair.state != SUCCEEDED;
        CandidatePairState before = pair.state;
        pair.validated(
                locals.seenAs(pair.local, mapped),
                nowNanos - check.transaction().firstTransmittedNanos(),
                nowNanos);
        if (isPending) {
            // An earlier check was answered while the one that nominates is still under way: that one goes on.
            pair.state = before;
        } else {
            checklist.settle(pair);
        }
        checklist.thaw(pair.foundation());
        if (isFirst) {
            tellValid(pair);
        }
        if (pair == nominator.selected()) {
            consent.renewed(nowNanos);
        }
        if (role.role() == IceRole.CONTROLLED) {
            selectIf(nominator.consider(pair, role.role()), pair, nowNanos);
            return;
        }
        selectIf(check.nominates() && nominator.confirmed(pair, check.nomination()), pair, nowNanos);
        nominator.validated(pair, role.role(), nowNanos);
    }

    private void tellValid(CheckedPair pair) {
        session.tell(new IceEvent.PairValidated(pair.toPair(), pair.rtt()));
        if (session.state() == IceState.CHECKING) {
            session.enter(IceState.CONNECTED);
        }
    }

    private void failed(CheckedPair pair, long nowNanos) {
        pair.failed();
        if (role.role() == IceRole.CONTROLLING) {
            nominator.failed(pair, role.role(), nowNanos);
        }
    }

    private void selectIf(boolean isNew, CheckedPair pair, long nowNanos) {
        if (!isNew) {
            return;
        }
        consent.selected(pair.lastResponseNanos(), nowNanos);
        if (nominator.isRevisable()) {
            checklist.dropWorseThan(pair, role.role());
        } else {
            checklist.dropAllBut(pair);
        }
        session.tell(new IceEvent.PairNominated(pair.toPair(), pair.rtt()));
        session.enter(IceState.COMPLETED);
    }

    /**
     * A peer without options may go deaf to STUN the moment it has nominated, as aioice does when its socket is taken for
     * QUIC: a check of ours that is late by a few milliseconds is then never answered. It has authenticated itself, it
     * has had an answer of ours and it waits on this pair, so after a while the pair counts as valid all the same.
     */
    private void presumeValid(long nowNanos) {
        if (nowNanos < presumeNanos) {
            return;
        }
        presumeNanos = IceAgent.NEVER;
        if (nominator.selected() == null && role.role() == IceRole.CONTROLLED && !presumed.isValid()) {
            presumed.validated(presumed.local.candidate(), PRESUME_NANOS, nowNanos);
            checklist.settle(presumed);
            tellValid(presumed);
            selectIf(nominator.consider(presumed, role.role()), presumed, nowNanos);
        }
    }

    private void expireChecks(long nowNanos) {
        for (CheckedPair pair : List.copyOf(checklist.pairs())) {
            Check check = pair.check();
            if (check != null
                    && check.transaction().exhausted()
                    && nowNanos >= check.transaction().deadlineNanos()) {
                failed(pair, nowNanos);
            }
        }
    }

    private void nominateIfControlling(long nowNanos) {
        if (role.role() == IceRole.CONTROLLING) {
            nominator.advance(role.role(), nowNanos);
        }
    }

    private void failIfHopeless(long nowNanos) {
        if (consent.isExpired(nowNanos)) {
            session.fail(Reason.CONSENT_EXPIRED);
        } else if (nominator.selected() != null) {
            giveUpNanos = IceAgent.NEVER;
        } else if (nowNanos >= giveUpNanos) {
            giveUpUnlessHopeful(nowNanos);
        }
    }

    private void giveUpUnlessHopeful(long nowNanos) {
        if (checklist.isUnderWay()) {
            // Looked at again when the checks that are still under way must have ended.
            giveUpNanos = nowNanos + timing.minRtoNanos();
        } else if (checklist.recheckValid()) {
            // The other side has not nominated what works; it has as long again to show that it is still there.
            giveUpNanos = nowNanos + timing.patienceNanos();
        } else {
            session.fail(Reason.NO_PATH);
        }
    }
}
