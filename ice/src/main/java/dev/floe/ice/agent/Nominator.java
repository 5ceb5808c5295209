package dev.floe.ice.agent;

import static dev.floe.ice.agent.CheckedPair.NOT_NOMINATED;

import dev.floe.ice.CandidatePairState;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceRole;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;

/**
 * Decides which pair to nominate, as the controlling side, and which nominated pair is the selected one, on both
 * (RFC 8445 §8.1.1). Between peers that can revise a nomination the first pair is nominated at once and a better one
 * later, save that a relay waits up to 100 ms for a direct way, and each may go over to another pair when the selected one
 * is dead; otherwise there is one nomination, after at most 100 ms of
 * looking for a better pair.
 */
final class Nominator {

    private static final long LOOK_NANOS = Duration.ofMillis(100).toNanos();
    private static final long BEARABLE_NANOS = Duration.ofMillis(10).toNanos();

    private final boolean isRevisable;
    private final Checklist checklist;
    private final RoleConflict role;
    private final Patience patience;
    private CheckedPair nominating;
    private CheckedPair selected;
    private long selectedNomination = NOT_NOMINATED;
    private boolean isProvisional;
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

    /**
     * Whether much depends on the pair: there is none that works, or it might do without the relay that is in use. What a
     * check has shown may turn out to be a relay's address, until the other side has told all of its own.
     */
    boolean isUrgent(CheckedPair pair) {
        if (selected == null || !selected.isValid()) {
            return true;
        }
        boolean isGuess = selected.remote.type() == CandidateType.PEER_REFLEXIVE && !patience.isRemoteEnded();
        return !pair.isRelayed() && (selected.isRelayed() || isGuess);
    }

    /** Whether this side has chosen the selected pair though it is for the other to choose, which has not done so yet. */
    boolean isProvisional() {
        return isProvisional;
    }

    /** What a check of the selected pair may say of it, if it is to say that it is the one: its nomination, or no value. */
    long claim() {
        if (role.role() == IceRole.CONTROLLED) {
            return Math.max(0, selectedNomination);
        }
        return nominating == null || nominating == selected ? selected.nomination : NOT_NOMINATED;
    }

    /** The highest nomination that has taken effect. */
    long selectedNomination() {
        return selectedNomination;
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

    /** As the controlling side, so that checks of the selected pair say anew that it is the one, wherever they come from. */
    void renew() {
        if (role.role() == IceRole.CONTROLLING && nominating == null) {
            selected.nomination = ++lastNomination;
        }
    }

    /** These pairs have to prove themselves anew: one that was to take the place of the selected pair has to wait. */
    void forget(Collection<CheckedPair> pairs) {
        if (selected != null && nominating != null && pairs.contains(nominating)) {
            nominating.nomination = NOT_NOMINATED;
            nominating = null;
        }
    }

    /** As the controlling side: the selected pair is nominated once more, for the other side to know. */
    void affirm() {
        if (nominating == null) {
            nominate(selected);
        }
    }

    /** The pair is the selected one from now on, as the controlling side by its word, as the controlled one for now. */
    void goOver(CheckedPair pair) {
        if (role.role() == IceRole.CONTROLLING) {
            nominate(pair);
            select(pair, pair.nomination);
        } else {
            select(pair, selectedNomination);
            isProvisional = true;
            checklist.trigger(pair);
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
     * As the controlled side: the pair is valid or nominated, or both. Among several nominations without a value, as an
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
                || (!isRevisable
                        && pair.remoteNomination == selectedNomination
                        && checklist.priority(pair) > checklist.priority(selected));
        return isBetter && select(pair, pair.remoteNomination);
    }

    /** Forgets what was begun as the controlling side, or is now to be begun as it. */
    void roleSwitched(long nowNanos) {
        nominating = null;
        // What the other side has said as the controlling one is not to be taken for newer than what follows.
        lastNomination = Math.max(lastNomination, selectedNomination);
        for (CheckedPair pair : checklist.pairs()) {
            pair.nomination = NOT_NOMINATED;
            lastNomination = Math.max(lastNomination, pair.remoteNomination);
        }
        boolean isControlling = role.role() == IceRole.CONTROLLING;
        decideNanos = isControlling && selected == null ? nowNanos : IceAgent.NEVER;
        if (isControlling && isRevisable && selected != null && selected.isValid()) {
            nominate(selected);
        }
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
            checklist.pairs().stream()
                    .filter(other -> other != current && other.isValid())
                    .filter(other -> other.liveness.isFresh(nowNanos) && other.liveness.isTrusted(nowNanos))
                    .filter(other -> isWorthAChange(other, current))
                    .reduce((best, other) -> checklist.isBetter(other, best) ? other : best)
                    .ifPresent(better -> change(current, better));
        }
    }

    private void change(CheckedPair from, CheckedPair to) {
        if (!checklist.isBetter(to, from)) {
            from.liveness.surpassed();
        }
        nominate(to);
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
        isProvisional = false;
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
        return checklist.isBetter(candidate, current)
                ? candidate.liveness.rttNanos() <= bearableNanos(current)
                : candidate.liveness.isMeasured()
                        && current.liveness.isMeasured()
                        && bearableNanos(candidate) < current.liveness.rttNanos();
    }

    private static long bearableNanos(CheckedPair pair) {
        return pair.liveness.rttNanos() * 3 / 2 + BEARABLE_NANOS;
    }
}
