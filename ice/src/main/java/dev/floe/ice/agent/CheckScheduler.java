package dev.floe.ice.agent;

import static dev.floe.ice.CandidatePairState.IN_PROGRESS;
import static dev.floe.ice.agent.CheckedPair.NOT_NOMINATED;

import dev.floe.ice.IceRole;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which check goes out next: a consent check that is due or a probe of a selected pair that is suspected, then triggered
 * checks, then probes of other pairs, then what must be sent again, then ordinary ones (RFC 8445 §6.1.4.2, RFC 7675 §5.1).
 */
final class CheckScheduler {

    private final Checklist checklist;
    private final CheckMessages messages;
    private final RoleConflict role;
    private final Nominator nominator;
    private final ConsentMonitor consent;
    private final PathMonitor paths;
    private final PairProbes probes;
    private final CheckBudget budget;
    private final Agreement agreement;

    /** From where checks have been answered; null where it has not been asked yet for this choice. */
    private Set<Object> known;

    CheckScheduler(
            Checklist checklist,
            CheckMessages messages,
            RoleConflict role,
            Nominator nominator,
            ConsentMonitor consent,
            PathMonitor paths,
            PairProbes probes,
            CheckBudget budget,
            Agreement agreement) {
        this.checklist = checklist;
        this.messages = messages;
        this.role = role;
        this.nominator = nominator;
        this.consent = consent;
        this.paths = paths;
        this.probes = probes;
        this.budget = budget;
        this.agreement = agreement;
    }

    /** The next request that is due, or null; it counts as sent. */
    AgentOutput.Transmit nextRequest(long nowNanos) {
        known = null;
        if (consent.isDue(nowNanos)) {
            consent.sent(nowNanos);
            if (!nominator.selected().isGone()) {
                return nextConsentCheck(nowNanos);
            }
        }
        return agreement.isLocalLite() ? null : nextCheck(nowNanos);
    }

    /** When {@link #nextRequest} next has one, were it not for the pacing. */
    long nextRequestNanos() {
        if (agreement.isLocalLite()) {
            return consent.nextNanos();
        }
        if (checklist.hasTriggered()) {
            return 0;
        }
        known = null;
        long next = Math.min(consent.nextNanos(), probes.nextNanos(this::openNanos));
        for (CheckedPair pair : checklist.pairs()) {
            Check check = pair.check();
            if (check != null && check.transaction().deadlineNanos() < next) {
                long due = check.transaction().deadlineNanos();
                next = Math.min(next, check.transaction().exhausted() ? due : Math.max(due, openNanos(pair)));
            }
        }
        for (CheckedPair pair : checklist.ordinary()) {
            next = Math.min(next, openNanos(pair));
        }
        return next;
    }

    private AgentOutput.Transmit nextConsentCheck(long nowNanos) {
        CheckedPair pair = nominator.selected();
        if (!consent.isAnswered() || agreement.isLocalLite()) {
            return new AgentOutput.Transmit(messages.keepalive(), pair.base(), pair.remote.address());
        }
        return probe(pair, nowNanos);
    }

    private AgentOutput.Transmit nextCheck(long nowNanos) {
        CheckedPair urgent = probes.nextUrgent(nowNanos);
        if (urgent != null) {
            return probe(urgent, nowNanos);
        }
        CheckedPair pair = checklist.nextTriggered();
        if (pair == null) {
            CheckedPair probed = probes.next(nowNanos, this::openNanos);
            if (probed != null) {
                return probe(probed, nowNanos);
            }
            pair = nextRetransmission(nowNanos);
        }
        if (pair == null) {
            pair = nextOrdinary(nowNanos);
        }
        return pair == null ? null : check(pair, nowNanos);
    }

    private CheckedPair nextRetransmission(long nowNanos) {
        for (CheckedPair pair : checklist.pairs()) {
            if (retransmitNanos(pair) <= nowNanos && openNanos(pair) <= nowNanos) {
                return pair;
            }
        }
        return null;
    }

    private CheckedPair nextOrdinary(long nowNanos) {
        for (CheckedPair pair : checklist.ordinary()) {
            if (openNanos(pair) <= nowNanos) {
                if (role.role() == IceRole.CONTROLLING) {
                    nominator.beforeOrdinary(pair);
                }
                return pair;
            }
        }
        return null;
    }

    private AgentOutput.Transmit check(CheckedPair pair, long nowNanos) {
        if (pair.check() == null) {
            pair.started(newCheck(pair, role.role() == IceRole.CONTROLLING ? pair.nomination : NOT_NOMINATED));
            pair.enter(IN_PROGRESS);
        }
        return transmit(pair, pair.check(), nowNanos);
    }

    // Never sent again, and each with an id of its own (RFC 7675 §5.1).
    private AgentOutput.Transmit probe(CheckedPair pair, long nowNanos) {
        boolean nominates = isInDoubt(pair) && role.role() == IceRole.CONTROLLING;
        Check check = newCheck(pair, nominates ? nominator.claim() : NOT_NOMINATED);
        pair.remember(check);
        return transmit(pair, check, nowNanos);
    }

    private Check newCheck(CheckedPair pair, long nomination) {
        StunMessage request = messages.request(pair, role, claims(pair, nomination));
        boolean isUnhurried = agreement.isRevisable() && nomination == NOT_NOMINATED && !isAwaited(pair);
        CheckTiming timing = isUnhurried ? agreement.timing().unhurried() : agreement.timing();
        long rtoNanos = agreement.pacingNanos() * checklist.active();
        return new Check(timing.transaction(request, rtoNanos), role.role(), nomination, !isUnhurried);
    }

    /** Whether somebody waits for the pair's answer: what has shown nothing for long is left to the other side to show. */
    private boolean isAwaited(CheckedPair pair) {
        boolean isHopeless = nominator.selected() != null && pair.isHopeless();
        return !isHopeless && (paths.isInDoubt() || nominator.isUrgent(pair));
    }

    private List<StunAttribute> claims(CheckedPair pair, long nomination) {
        if (nomination != NOT_NOMINATED) {
            return agreement.isRevisable()
                    ? List.of(new StunAttribute.UseCandidate(), new StunAttribute.Nomination(nomination))
                    : List.of(new StunAttribute.UseCandidate());
        }
        // Without USE-CANDIDATE: what the controlled side would have nominated.
        return isInDoubt(pair) && role.role() == IceRole.CONTROLLED
                ? List.of(new StunAttribute.Nomination(nominator.claim()))
                : List.of();
    }

    private boolean isInDoubt(CheckedPair pair) {
        return pair == nominator.selected() && paths.isInDoubt();
    }

    /** From when on a check of the pair may be sent, for where it goes. */
    private long openNanos(CheckedPair pair) {
        long open = budget.openNanos(pair.remote.address().getAddress());
        return open > 0 && isKnown(pair.remote.address()) ? 0 : open;
    }

    private AgentOutput.Transmit transmit(CheckedPair pair, Check check, long nowNanos) {
        InetSocketAddress address = pair.remote.address();
        if (!isKnown(address)) {
            budget.taken(address.getAddress(), nowNanos);
        }
        check.transaction().transmitted(nowNanos);
        pair.sent(nowNanos);
        return new AgentOutput.Transmit(check.transaction().request(), pair.base(), pair.remote.address());
    }

    /** Whether a check has been answered from there. An authentic request proves less: its sender may be made up. */
    private boolean isKnown(InetSocketAddress address) {
        if (known == null) {
            known = new HashSet<>();
            for (CheckedPair pair : checklist.pairs()) {
                if (pair.lastResponseNanos() > 0) {
                    known.add(budget.openedBy(pair.remote.address()));
                }
            }
        }
        return known.contains(budget.openedBy(address));
    }

    private static long retransmitNanos(CheckedPair pair) {
        Check check = pair.check();
        return check == null || check.transaction().exhausted()
                ? IceAgent.NEVER
                : check.transaction().deadlineNanos();
    }
}
