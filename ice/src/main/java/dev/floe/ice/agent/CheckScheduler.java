package dev.floe.ice.agent;

import static dev.floe.ice.CandidatePairState.IN_PROGRESS;
import static dev.floe.ice.agent.CheckedPair.NOT_NOMINATED;

import dev.floe.ice.IceRole;
import dev.floe.stun.StunMessage;

/**
 * Which check goes out next: a consent check that is due, then triggered checks, then what must be sent again, then
 * ordinary ones (RFC 8445 §6.1.4.2, RFC 7675 §5.1).
 */
final class CheckScheduler {

    private final Checklist checklist;
    private final CheckMessages messages;
    private final RoleConflict role;
    private final Nominator nominator;
    private final ConsentMonitor consent;
    private final Agreement agreement;

    CheckScheduler(
            Checklist checklist,
            CheckMessages messages,
            RoleConflict role,
            Nominator nominator,
            ConsentMonitor consent,
            Agreement agreement) {
        this.checklist = checklist;
        this.messages = messages;
        this.role = role;
        this.nominator = nominator;
        this.consent = consent;
        this.agreement = agreement;
    }

    /** The next request that is due, or null; it counts as sent. */
    AgentOutput.Transmit nextRequest(long nowNanos) {
        if (consent.isDue(nowNanos)) {
            return nextConsentCheck(nowNanos);
        }
        return agreement.isLocalLite() ? null : nextCheck(nowNanos);
    }

    /** When {@link #nextRequest} next has one, were it not for the pacing. */
    long nextRequestNanos() {
        if (agreement.isLocalLite()) {
            return consent.nextNanos();
        }
        long next = checklist.hasNext() ? 0 : consent.nextNanos();
        for (CheckedPair pair : checklist.pairs()) {
            Check check = pair.check();
            if (check != null) {
                next = Math.min(next, check.transaction().deadlineNanos());
            }
        }
        return next;
    }

    private AgentOutput.Transmit nextConsentCheck(long nowNanos) {
        CheckedPair pair = nominator.selected();
        consent.sent(nowNanos);
        if (!consent.isAnswered() || agreement.isLocalLite()) {
            return new AgentOutput.Transmit(messages.keepalive(), pair.base(), pair.remote.address());
        }
        // Never sent again, and each with an id of its own (RFC 7675 §5.1).
        Check check = newCheck(pair, false);
        check.transaction().transmitted(nowNanos);
        pair.remember(check);
        return toTransmit(pair, check);
    }

    private AgentOutput.Transmit nextCheck(long nowNanos) {
        CheckedPair pair = checklist.nextTriggered();
        if (pair == null) {
            pair = nextRetransmission(nowNanos);
        }
        if (pair == null) {
            pair = checklist.nextOrdinary();
            if (pair == null) {
                return null;
            }
            if (role.role() == IceRole.CONTROLLING) {
                nominator.beforeOrdinary(pair);
            }
        }
        if (pair.check() == null) {
            pair.started(newCheck(pair, role.role() == IceRole.CONTROLLING && pair.nomination != NOT_NOMINATED));
            pair.enter(IN_PROGRESS);
        }
        pair.check().transaction().transmitted(nowNanos);
        return toTransmit(pair, pair.check());
    }

    private CheckedPair nextRetransmission(long nowNanos) {
        for (CheckedPair pair : checklist.pairs()) {
            if (retransmitNanos(pair) <= nowNanos) {
                return pair;
            }
        }
        return null;
    }

    private Check newCheck(CheckedPair pair, boolean nominates) {
        StunMessage request = messages.request(pair, role, nominates, agreement.isRevisable());
        long rto = agreement.pacingNanos() * checklist.active();
        return new Check(
                agreement.timing().transaction(request, rto), role.role(), nominates ? pair.nomination : NOT_NOMINATED);
    }

    private static long retransmitNanos(CheckedPair pair) {
        Check check = pair.check();
        return check == null || check.transaction().exhausted()
                ? IceAgent.NEVER
                : check.transaction().deadlineNanos();
    }

    private static AgentOutput.Transmit toTransmit(CheckedPair pair, Check check) {
        pair.sent();
        return new AgentOutput.Transmit(check.transaction().request(), pair.base(), pair.remote.address());
    }
}
