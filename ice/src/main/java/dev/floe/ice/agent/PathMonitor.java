package dev.floe.ice.agent;

import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.agent.PairProbes.Urgency;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Watches over the selected pair, between peers that can revise a nomination. A pair that owes an answer is probed a few
 * times; if it stays silent, the best pair that has answered since takes its place at once, on either side: data may go over
 * any valid pair (RFC 8445 §12.1). The controlling side nominates it; the controlled side asks for it, by a NOMINATION
 * without USE-CANDIDATE in its checks.
 */
final class PathMonitor {

    // When nothing but a consent check is missing, nobody is waiting: on a line that loses much, haste would see death
    // every few minutes.
    private static final long PATIENCE_NANOS = Duration.ofMillis(2_500).toNanos();
    private static final long CONSENT_LATE_NANOS = Duration.ofMillis(400).toNanos();
    private static final long DECISION_NANOS = Duration.ofMillis(100).toNanos();

    private final AgentSession session;
    private final Checklist checklist;
    private final Nominator nominator;
    private final Selection selection;
    private final RoleConflict role;
    private final PairProbes probes;

    private CheckedPair watched;
    private long watchedSinceNanos;
    private boolean isDead;
    private long suspectedNanos = IceAgent.NEVER;
    private long askOthersNanos = IceAgent.NEVER;
    private long endNanos = IceAgent.NEVER;
    private CheckedPair wished;
    private long wishedNanos;

    PathMonitor(
            AgentSession session,
            Checklist checklist,
            Nominator nominator,
            Selection selection,
            RoleConflict role,
            PairProbes probes) {
        this.session = session;
        this.checklist = checklist;
        this.nominator = nominator;
        this.selection = selection;
        this.role = role;
        this.probes = probes;
    }

    /** The selected pair owes an answer. */
    void suspect(long nowNanos) {
        if (isWatching(nowNanos) && !isDead) {
            begin(nowNanos, 0);
        }
    }

    /** What is sent from these bases leaves by another way now: what was proven over them has to be so again. */
    void moved(Collection<InetSocketAddress> bases, long nowNanos) {
        boolean isWatching = isWatching(nowNanos);
        List<CheckedPair> moved = checklist.pairs().stream()
                .filter(pair -> bases.contains(pair.base()) && !pair.isGone())
                .toList();
        List<CheckedPair> proven = moved.stream().filter(CheckedPair::isValid).toList();
        moved.forEach(CheckedPair::moved);
        nominator.forget(moved);
        if (isWatching && moved.contains(watched)) {
            // What goes through a relay may go through the socket that has moved, and nobody here can tell.
            dead(pair -> !pair.isRelayed(), nowNanos);
        } else {
            suspect(nowNanos);
        }
        proven.forEach(checklist::trigger);
        for (CheckedPair pair : moved) {
            if (isWatching && pair.isHopeless()) {
                // One question will do: if it is worth more now, the other side asks too.
                checklist.settle(pair);
                pair.failed();
                pair.liveness.probeNanos = nowNanos;
            } else if (!proven.contains(pair)) {
                checklist.again(pair);
            }
        }
        if (isWatching && !isDead && !watched.isRelayed()) {
            proven.forEach(pair -> pair.liveness.left());
        }
    }

    /** Nothing can be sent over these pairs any more. */
    void withdrawn(Collection<CheckedPair> withdrawn, long nowNanos) {
        boolean isWatching = isWatching(nowNanos);
        for (CheckedPair pair : withdrawn) {
            checklist.settle(pair);
            pair.gone();
            if (role.role() == IceRole.CONTROLLING) {
                nominator.failed(pair, nowNanos);
            }
            if (pair != watched) {
                checklist.remove(pair);
            }
        }
        if (isWatching && withdrawn.contains(watched)) {
            dead(pair -> true, nowNanos);
        }
    }

    /**
     * The other side, controlled, would like this pair to be nominated. A wish that does not know of the last nomination
     * may be one of before that somebody plays once more: it is a reason to ask, not to go over.
     *
     * @param nomination the last one that the other side has heard
     */
    void wishedFor(CheckedPair pair, long nomination, long nowNanos) {
        if (!isWatching(nowNanos)) {
            return;
        }
        if (pair == watched) {
            nominator.affirm();
        } else if (nowNanos - watchedSinceNanos < 2 * watched.liveness.rttNanos() + DECISION_NANOS) {
            // This side has just decided itself, which the other could not know yet.
            return;
        } else if (nomination >= nominator.selectedNomination() && pair.isValid() && pair.liveness.isFresh(nowNanos)) {
            watched.liveness.died(nowNanos);
            goOver(pair, nowNanos);
        } else {
            wished = pair;
            wishedNanos = nowNanos;
            suspect(nowNanos);
        }
    }

    /** The pair was answered, and is valid. */
    void answered(CheckedPair pair, long nowNanos) {
        if (!isWatching(nowNanos)) {
            return;
        }
        probes.answered(pair, nowNanos);
        if (pair == watched) {
            if (suspectedNanos != IceAgent.NEVER) {
                trust();
                checklist.calm(nominator::isUrgent);
            }
        } else if (isDead || (pair == wished && !isOutlived(pair))) {
            goOver(pair, nowNanos);
        }
    }

    /** The pair's check was refused or never answered. */
    void failed(CheckedPair pair, long nowNanos) {
        if (!isWatching(nowNanos)) {
            return;
        }
        if (pair != watched) {
            probes.failed(pair, nowNanos);
        } else if (!isDead) {
            begin(nowNanos, 0);
            endNanos = nowNanos;
        }
    }

    /** Does what is due. */
    void advance(long nowNanos) {
        if (!isWatching(nowNanos)) {
            return;
        }
        if (nowNanos >= consentLateNanos()) {
            begin(nowNanos, PATIENCE_NANOS);
        }
        if (nowNanos >= askOthersNanos) {
            askOthersNanos = IceAgent.NEVER;
            probes.askValid(nowNanos);
        }
        if (nowNanos >= endNanos) {
            endNanos = IceAgent.NEVER;
            end(nowNanos);
        }
    }

    /** When {@link #advance} next has something to do. */
    long deadlineNanos() {
        return Math.min(consentLateNanos(), Math.min(askOthersNanos, endNanos));
    }

    /** Whether the selected pair is dead, and so is every other. */
    boolean isLost() {
        return probes.urgency() == Urgency.LOST;
    }

    /** Whether checks of the selected pair are to say that it is the one. */
    boolean isInDoubt() {
        return probes.urgency() != Urgency.NONE || nominator.isProvisional();
    }

    private boolean isWatching(long nowNanos) {
        CheckedPair selected = nominator.selected();
        if (selected != watched) {
            watched = selected;
            watchedSinceNanos = nowNanos;
            trust();
        }
        return watched != null && !selection.isRetired();
    }

    /** Forgets all suspicion. */
    private void trust() {
        isDead = false;
        suspectedNanos = IceAgent.NEVER;
        askOthersNanos = IceAgent.NEVER;
        endNanos = IceAgent.NEVER;
        watched.liveness.probeNanos = IceAgent.NEVER;
        probes.enter(Urgency.NONE);
    }

    private void begin(long nowNanos, long patienceNanos) {
        Liveness liveness = watched.liveness;
        long end = nowNanos + liveness.deadNanos() + patienceNanos;
        long askOthers = nowNanos + liveness.lateNanos() + patienceNanos / 3;
        if (suspectedNanos == IceAgent.NEVER) {
            suspectedNanos = nowNanos;
            askOthersNanos = askOthers;
            endNanos = end;
            liveness.probeNanos = nowNanos;
            probes.enter(Urgency.SUSPECTED);
            nominator.renew();
        } else {
            askOthersNanos = askOthersNanos == IceAgent.NEVER ? askOthersNanos : Math.min(askOthersNanos, askOthers);
            endNanos = Math.min(endNanos, end);
        }
    }

    /** The selected pair is dead beyond doubt: a pair of this kind takes its place, without having to prove itself first. */
    private void dead(Predicate<CheckedPair> kind, long nowNanos) {
        begin(nowNanos, 0);
        isDead = true;
        watched.liveness.probeNanos = watched.isGone() ? IceAgent.NEVER : nowNanos;
        Optional<CheckedPair> other = best(kind.and(pair -> pair.liveness.isFresh(nowNanos)), nowNanos);
        if (other.isPresent()) {
            goOver(other.get(), nowNanos);
        } else {
            askOthersNanos = nowNanos;
        }
    }

    private void end(long nowNanos) {
        if (!isDead) {
            isDead = true;
            watched.liveness.died(nowNanos);
            watched.failed();
        }
        long since = suspectedNanos;
        Optional<CheckedPair> other = best(pair -> pair.liveness.isAnsweredSince(since), nowNanos);
        if (other.isPresent()) {
            goOver(other.get(), nowNanos);
        } else {
            session.tell(new IceEvent.PathLost(watched.toPair()));
            probes.enter(Urgency.LOST);
            probes.askAll(nowNanos);
        }
    }

    private void goOver(CheckedPair pair, long nowNanos) {
        boolean isProven = pair.liveness.isAnsweredSince(suspectedNanos);
        wished = null;
        CheckedPair before = watched;
        selection.goOver(pair, nowNanos);
        if (before.isGone()) {
            checklist.remove(before);
        } else if (before.isValid()) {
            before.liveness.probeNanos = nowNanos;
        } else {
            probes.failed(before, nowNanos);
        }
        isWatching(nowNanos);
        if (!isProven) {
            begin(nowNanos, 0);
        }
    }

    private Optional<CheckedPair> best(Predicate<CheckedPair> condition, long nowNanos) {
        return checklist.pairs().stream()
                .filter(pair -> pair != watched && pair.isValid())
                .filter(condition)
                .min(Comparator.comparing(CheckedPair::isRelayed)
                        .thenComparing(pair -> !pair.liveness.isTrusted(nowNanos))
                        .thenComparingLong(pair -> pair.liveness.rttNanos()));
    }

    /** Whether the selected pair has shown since the wish that it is alive, and is no worse. */
    private boolean isOutlived(CheckedPair pair) {
        return watched.isValid()
                && watched.liveness.isAnsweredSince(wishedNanos)
                && (pair.isRelayed() || !watched.isRelayed());
    }

    private long consentLateNanos() {
        if (watched == null || suspectedNanos != IceAgent.NEVER) {
            return IceAgent.NEVER;
        }
        long since = watched.liveness.owedSinceNanos();
        return since == IceAgent.NEVER ? since : since + watched.liveness.lateNanos() + CONSENT_LATE_NANOS;
    }
}
