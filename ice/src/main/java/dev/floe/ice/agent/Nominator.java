package dev.floe.ice.agent;

import static dev.floe.ice.agent.CheckedPair.NOT_NOMINATED;

import dev.floe.ice.CandidatePairState;
import dev.floe.ice.IceRole;
import java.time.Duration;
import java.util.Optional;

/**
 * Decides which pair to nominate, as the controlling side, and which nominated pair is the selected one, on both
 * (RFC 8445 §8.1.1). Between peers that can revise a nomination the first pair is nominated at once and a better one
 * later, save that a relay waits up to 100 ms for a direct way; otherwise there is one nomination, after at most 100 ms of
 * looking for a better pair.
 */
final class Nominator {

    private static final long LOOK_NANOS = Duration.ofMillis(100).toNanos();

    private final boolean isRevisable;
    private final Checklist checklist;
    private final RoleConflict role;
    private final Patience patience;
    private CheckedPair nominating;
    private CheckedPair selected;
    private long selectedNomination = NOT_NOMINATED;
    private long lastNomination;
    private long decideNanos = IceAgent.NEVER;

    /** @param isRevisable whether both sides offer renomination */
    Nominator(boolean isRevisable, Checklist checklist, RoleConflict role, Patience patience) {
        this.isRevisable = isRevisable;
        this.checklist = checklist;
        this.role = role;
        this.patience = patience;
    }

    boolean isRevisable() {
        return isRevisable;
    }

    /** The pair in use, or null before the first nomination. */
    CheckedPair selected() {
        return selected;
    }

    long deadlineNanos() {
        return decideNanos;
    }

    /** The very first check of the controlling side nominates on trial: no other one has to wait for its turn then. */
    void beforeOrdinary(CheckedPair pair) {
        if (isRevisable && lastNomination == 0 && !mayBeSurpassed(pair)) {
            pair.nomination = ++lastNomination;
        }
    }

    /** The first triggered check of the controlling side nominates already: its answer saves a round trip. */
    void beforeTriggered(CheckedPair pair) {
        if (isRevisable && selected == null && nominating == null && !mayBeSurpassed(pair)) {
            nominating = pair;
            pair.nomination = pair.nomination == NOT_NOMINATED ? ++lastNomination : pair.nomination;
        }
    }

    /** As the controlling side: the pair has become valid. */
    void validated(CheckedPair pair, long nowNanos) {
        if (isRevisable) {
            revise(pair, nowNanos);
        } else if (selected == null && nominating == null) {
            decideNanos = Math.min(decideNanos, nowNanos + LOOK_NANOS);
            decideIfNothingBetterCanCome();
        }
    }

    /** As the controlling side: the order of the pairs has changed. */
    void reordered(long nowNanos) {
        if (isRevisable && selected != null) {
            revise(selected, nowNanos);
        }
    }

    /** As the controlling side: the pair's check has failed. */
    void failed(CheckedPair pair, long nowNanos) {
        pair.nomination = NOT_NOMINATED;
        if (pair == nominating) {
            nominating = null;
            decideNanos = nowNanos;
        } else if (!isRevisable && selected == null && nominating == null) {
            decideIfNothingBetterCanCome();
        }
    }

    /** As the controlling side: nominates the best valid pair if the time to look for a better one is over. */
    void advance(long nowNanos) {
        if (nowNanos < decideNanos) {
            return;
        }
        decideNanos = IceAgent.NEVER;
        boolean isDecided = nominating != null && nominating.isValid();
        if (!isDecided && (selected == null || !selected.isValid())) {
            bestValid().ifPresent(this::nominate);
        }
    }

    /**
     * As the controlling side: the nomination was answered.
     *
     * @return whether the pair is selected now and was not before
     */
    boolean confirmed(CheckedPair pair, long nomination) {
        if (nominating == pair) {
            nominating = null;
        }
        return nomination > selectedNomination && select(pair, nomination);
    }

    /**
     * As the controlled side: the pair is valid or nominated, or both. Among several nominations of one value, as an
     * agent makes that puts USE-CANDIDATE in every check, the best pair wins (RFC 5245 §8.1.1.2).
     *
     * @return whether the pair is selected now and was not before
     */
    boolean consider(CheckedPair pair) {
        if (!pair.isValid() || pair.remoteNomination == NOT_NOMINATED) {
            return false;
        }
        boolean isBetter = selected == null
                || pair.remoteNomination > selectedNomination
                || (pair.remoteNomination == selectedNomination
                        && checklist.priority(pair) > checklist.priority(selected));
        return isBetter && select(pair, pair.remoteNomination);
    }

    /** Forgets what was begun as the controlling side, or is now to be begun as it. */
    void roleSwitched(long nowNanos) {
        nominating = null;
        checklist.pairs().forEach(pair -> pair.nomination = NOT_NOMINATED);
        decideNanos = role.role() == IceRole.CONTROLLING && selected == null ? nowNanos : IceAgent.NEVER;
    }

    private void revise(CheckedPair pair, long nowNanos) {
        CheckedPair current = nominating != null ? nominating : selected;
        if (current == null && mayBeSurpassed(pair)) {
            decideNanos = Math.min(decideNanos, nowNanos + LOOK_NANOS);
        } else if (current == null) {
            nominate(pair);
        } else if (!current.isValid()) {
            decideNanos = Math.min(decideNanos, nowNanos + LOOK_NANOS);
        } else {
            bestValid().filter(best -> isWorthAChange(best, current)).ifPresent(this::nominate);
        }
    }

    private void decideIfNothingBetterCanCome() {
        bestValid()
                .filter(best -> patience.isEveryCandidateKnown())
                .filter(best -> checklist.pairs().stream()
                        .allMatch(pair -> pair.state() == CandidatePairState.FAILED || !checklist.isBetter(pair, best)))
                .ifPresent(best -> {
                    decideNanos = IceAgent.NEVER;
                    nominate(best);
                });
    }

    private void nominate(CheckedPair pair) {
        nominating = pair;
        pair.nomination = ++lastNomination;
        checklist.trigger(pair);
    }

    private boolean select(CheckedPair pair, long nomination) {
        boolean isChange = pair != selected;
        selected = pair;
        selectedNomination = nomination;
        return isChange;
    }

    private Optional<CheckedPair> bestValid() {
        return checklist.pairs().stream()
                .filter(CheckedPair::isValid)
                .reduce((best, pair) -> checklist.isBetter(pair, best) ? pair : best);
    }

    // A session may be too short to leave a relay that only was a little faster.
    private boolean mayBeSurpassed(CheckedPair pair) {
        return pair.isRelayed()
                && checklist.pairs().stream().anyMatch(other -> !other.isRelayed() && other.isUndecided());
    }

    // A higher priority is not worth a longer way: what was measured outweighs what was guessed.
    private boolean isWorthAChange(CheckedPair candidate, CheckedPair current) {
        if (candidate.isRelayed() != current.isRelayed()) {
            return current.isRelayed();
        }
        Duration bearable = current.rtt().multipliedBy(3).dividedBy(2).plusMillis(10);
        return checklist.isBetter(candidate, current) && candidate.rtt().compareTo(bearable) <= 0;
    }
}
