package dev.floe.ice.agent;

import static dev.floe.ice.CandidatePairState.FAILED;
import static dev.floe.ice.agent.CheckedPair.NOT_NOMINATED;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidatePairState;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceEvent.SessionFailed.Reason;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.NamedPair;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** What an agent does from the moment it knows both descriptions: check, nominate, keep consent (RFC 8445 §7, §8). */
final class ConnectivityChecks {

    // Longer than a pair that is kept goes without a check.
    private static final long LEFT_NANOS = Duration.ofSeconds(60).toNanos();

    private final AgentSession session;
    private final LocalCandidates locals;
    private final RemoteCandidates remotes;
    private final CheckMessages messages;
    private final RoleConflict role;
    private final Agreement agreement;
    private final Checklist checklist;
    private final Nominator nominator;
    private final ConsentMonitor consent;
    private final Selection selection;
    private final TriggeredChecks triggered;
    private final PathMonitor paths;
    private final CheckScheduler scheduler;
    private final Patience patience;
    private final boolean isDirectOnRequest;
    private final NamedPairs named;

    /**
     * @param state is told what is reached
     * @param isDirectOnRequest whether only relays are paired without having been named
     */
    ConnectivityChecks(
            Consumer<IceState> state,
            AgentSession session,
            LocalCandidates locals,
            RemoteCandidates remotes,
            CheckMessages messages,
            RoleConflict role,
            Agreement agreement,
            boolean isDirectOnRequest,
            RandomGenerator random,
            long nowNanos) {
        this.session = session;
        this.isDirectOnRequest = isDirectOnRequest;
        this.locals = locals;
        this.remotes = remotes;
        this.messages = messages;
        this.role = role;
        this.agreement = agreement;
        checklist = new Checklist(role, session::tell);
        patience = new Patience(checklist, agreement.timing(), nowNanos);
        nominator = new Nominator(agreement.isRevisable(), checklist, role, patience);
        consent = new ConsentMonitor(agreement.isConsentGiven(), random);
        selection = new Selection(state, session, checklist, nominator, consent, patience);
        PairProbes probes = new PairProbes(checklist, nominator, random);
        paths = new PathMonitor(session, checklist, nominator, selection, role, probes);
        triggered = new TriggeredChecks(
                session, locals, remotes, role, checklist, nominator, consent, selection, paths, agreement);
        scheduler = new CheckScheduler(
                checklist, messages, role, nominator, consent, paths, probes, session.budget(), agreement);
        locals.takeRenewed();
        named = new NamedPairs(session, locals, remotes, checklist);
        remotes.all().forEach(this::pairUp);
        checklist.start();
    }

    /** Forms the pairs of local candidates that were added since, as far as their base has none (RFC 8838 §10). */
    void pairNewBases(long nowNanos) {
        List<LocalCandidate> renewed = locals.takeRenewed();
        if (renewed.isEmpty()) {
            return;
        }
        patience.candidateCame(nowNanos);
        remotes.all().forEach(remote -> pairUp(remote, LocalCandidates.basesFor(remote, renewed)));
    }

    /** This side's candidates have changed: pairs go on with what their bases have now, and fail where that is nothing. */
    void localsChanged(long nowNanos) {
        pairNewBases(nowNanos);
        List<CheckedPair> withdrawn = new ArrayList<>();
        for (CheckedPair pair : checklist.pairs()) {
            locals.forBase(pair.base(), pair.remote.address())
                    .ifPresentOrElse(local -> pair.local = local, () -> withdrawn.add(pair));
        }
        checklist.sort();
        withdrawn(withdrawn, nowNanos);
    }

    /** A signaled candidate has been added to the remote ones (RFC 8838 §11). */
    void remoteCandidateAdded(Candidate remote, long nowNanos) {
        patience.candidateCame(nowNanos);
        // A check may have shown it before: then it takes the place of what was made up for it, and all else stays.
        checklist.pairs().stream()
                .filter(pair -> pair.remote.address().equals(remote.address()))
                .forEach(pair -> pair.remote = remote);
        checklist.sort();
        if (patience.isRemoteEnded()) {
            // The other side had told all that it had, so it has come by this one since: its network may have changed.
            suspect(nowNanos);
        }
        pairUp(remote);
        if (role.role() == IceRole.CONTROLLING) {
            nominator.reordered(nowNanos);
        }
    }

    /** Checks these pairs, instead of those that were named before. */
    void checkDirect(Collection<NamedPair> pairs, long nowNanos) {
        if (selection.isOpen()) {
            patience.candidateCame(nowNanos);
            named.name(pairs, nowNanos);
        }
    }

    /** The other side says once more where it can be reached: it may have come back to there. */
    void remoteCandidateAgain(Candidate remote) {
        checklist.pairs().stream()
                .filter(pair ->
                        pair.remote.address().equals(remote.address()) && pair.state() == FAILED && !pair.isGone())
                .forEach(checklist::again);
    }

    /** Forgets what the other side has left behind on its way, if that is much: one candidate for each new one. */
    void forgetOldest(long nowNanos) {
        remotes.oldest(address -> pairsTo(address).anyMatch(pair -> isOfUse(pair, nowNanos)), nowNanos)
                .ifPresent(address -> {
                    pairsTo(address).toList().forEach(checklist::remove);
                    remotes.forget(address);
                });
    }

    /** Nothing can be sent from the base any more: its pairs fail, and another takes the selected one's place. */
    void baseLost(InetSocketAddress base, long nowNanos) {
        withdrawn(
                checklist.pairs().stream()
                        .filter(pair -> pair.base().equals(base))
                        .toList(),
                nowNanos);
    }

    /** What is sent from these bases leaves by another way now: nothing that was proven over them is any more. */
    void moved(Collection<InetSocketAddress> bases, long nowNanos) {
        if (agreement.isRevisable()) {
            paths.moved(bases, nowNanos);
        } else if (nominator.selected() != null
                && bases.contains(nominator.selected().base())) {
            suspect(nowNanos);
        }
    }

    /** The selected pair owes an answer. */
    void suspect(long nowNanos) {
        if (agreement.isRevisable()) {
            paths.suspect(nowNanos);
        } else if (nominator.selected() != null) {
            consent.hurry(nowNanos);
        }
    }

    /**
     * The other side has fresh credentials: what is under way starts over with them, and a check of the selected pair
     * tells that those before may be forgotten.
     */
    void rekeyed(long nowNanos) {
        checklist.pairs().stream().filter(pair -> pair.check() != null).forEach(pair -> {
            if (pair.authenticated) {
                checklist.trigger(pair);
            } else {
                checklist.again(pair);
            }
        });
        if (nominator.selected() != null) {
            consent.hurry(nowNanos);
        }
    }

    void localCandidatesEnded() {
        patience.localCandidatesEnded();
    }

    void remoteCandidatesEnded() {
        patience.remoteCandidatesEnded();
    }

    /** Takes an authentic request of the described peer that has been answered (RFC 8445 §7.3.1). */
    void learn(StunMessage request, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        if (!triggered.learn(request, base, sender, nowNanos)) {
            session.droppedUnauthenticated();
        }
    }

    /**
     * Takes a response that is not for the gatherer (RFC 8445 §7.2.5).
     *
     * @return whether it is signed as it has to be
     */
    boolean receiveResponse(StunMessage response, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        if (!messages.isResponseAuthentic(response, nowNanos)) {
            return false;
        }
        for (CheckedPair pair : checklist.pairs()) {
            Check check = pair.find(response.transactionId());
            if (check != null) {
                if (!messages.isAnswerAuthentic(check.transaction().request(), response, nowNanos)) {
                    return false;
                }
                pair.answered(check);
                boolean isUsable = pair.remote.address().equals(sender)
                        && pair.base().equals(base)
                        && response.unknownComprehensionRequired().isEmpty();
                answered(pair, check, isUsable ? response : null, nowNanos);
                break;
            }
        }
        return true;
    }

    /** The role has become the other one. */
    void roleSwitched(long nowNanos) {
        checklist.sort();
        nominator.roleSwitched(nowNanos);
    }

    /** Does what is due, but for requests. */
    void advance(long nowNanos) {
        triggered.advance(nowNanos);
        expireChecks(nowNanos);
        if (agreement.isRevisable()) {
            paths.advance(nowNanos);
        }
        if (role.role() == IceRole.CONTROLLING) {
            nominator.advance(nowNanos);
        }
    }

    /** Selects no pair any more. */
    void retire() {
        selection.retire();
    }

    /** Whether nothing works that did. */
    boolean isPathLost() {
        return paths.isLost();
    }

    /** Whether candidates and nominations may come and go. */
    boolean isRevisable() {
        return agreement.isRevisable();
    }

    /** Which request goes out next, and when. */
    CheckScheduler scheduler() {
        return scheduler;
    }

    /** When {@link #advance} next has something to do. */
    long deadlineNanos() {
        long next = Math.min(paths.deadlineNanos(), Math.min(patience.deadlineNanos(), triggered.deadlineNanos()));
        return Math.min(next, Math.min(consent.expiryNanos(), nominator.deadlineNanos()));
    }

    /** Why there is no way between the peers (any more), if that is so now. */
    Optional<Reason> failure(long nowNanos) {
        if (consent.isExpired(nowNanos)) {
            return Optional.of(Reason.CONSENT_EXPIRED);
        }
        return patience.isOver(nowNanos) ? Optional.of(Reason.NO_PATH) : Optional.empty();
    }

    Optional<CandidatePair> selectedPair() {
        return selection.selectedPair();
    }

    List<CandidatePairStats> stats(boolean isInUse) {
        return checklist.pairs().stream()
                .map(pair -> pair.stats(isInUse && selection.is(pair)))
                .toList();
    }

    boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
        CheckedPair pair = checklist.find(base, sender);
        return pair != null && (pair.authenticated || pair.isValid());
    }

    private void pairUp(Candidate remote) {
        pairUp(remote, locals.basesFor(remote));
    }

    private void pairUp(Candidate remote, List<LocalCandidate> bases) {
        for (LocalCandidate local : bases) {
            if (isDirectOnRequest && !NamedPairs.isOwn(local, remote.type())) {
                continue;
            }
            add(new CheckedPair(local, remote));
        }
    }

    private void add(CheckedPair pair) {
        if (agreement.isLocalLite() || !selection.isOpen()) {
            return;
        }
        CheckedPair known = checklist.find(pair.base(), pair.remote.address());
        if (known == null) {
            checklist.add(pair);
        } else if (known.isGone()) {
            known.returned();
            checklist.again(known);
        }
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
                pair.nomination != NOT_NOMINATED && pair.nomination != check.nomination() && pair.isUndecided();
        CandidatePairState before = pair.state();
        pair.validated(
                locals.seenAs(pair.local, mapped),
                nowNanos - check.transaction().firstTransmittedNanos(),
                check.transaction().transmissions() == 1,
                nowNanos);
        if (isPending) {
            // An earlier check was answered while the one that nominates is still under way: that one goes on.
            pair.enter(before);
        } else {
            checklist.settle(pair);
        }
        checklist.thaw(pair.foundation());
        if (isFirst) {
            selection.validated(pair);
        }
        selection.answered(pair, nowNanos);
        if (agreement.isRevisable()) {
            paths.answered(pair, nowNanos);
        }
        if (role.role() == IceRole.CONTROLLED) {
            selection.consider(pair, nowNanos);
            return;
        }
        if (check.nominates()) {
            selection.confirmed(pair, check.nomination(), nowNanos);
        }
        nominator.validated(pair, nowNanos);
    }

    private void failed(CheckedPair pair, long nowNanos) {
        pair.failed();
        if (agreement.isRevisable()) {
            paths.failed(pair, nowNanos);
        }
        if (role.role() == IceRole.CONTROLLING) {
            nominator.failed(pair, nowNanos);
        }
    }

    private void withdrawn(List<CheckedPair> withdrawn, long nowNanos) {
        if (agreement.isRevisable()) {
            paths.withdrawn(withdrawn, nowNanos);
            return;
        }
        for (CheckedPair pair : withdrawn) {
            if (pair.state() != FAILED) {
                checklist.settle(pair);
                failed(pair, nowNanos);
            }
        }
    }

    private Stream<CheckedPair> pairsTo(InetSocketAddress remote) {
        return checklist.pairs().stream().filter(pair -> pair.remote.address().equals(remote));
    }

    private boolean isOfUse(CheckedPair pair, long nowNanos) {
        return selection.is(pair) || (pair.isValid() && nowNanos - pair.lastResponseNanos() < LEFT_NANOS);
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
}
