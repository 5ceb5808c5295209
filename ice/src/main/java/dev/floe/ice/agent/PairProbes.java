package dev.floe.ice.agent;

import static dev.floe.ice.CandidatePairState.FAILED;
import static dev.floe.ice.CandidatePairState.IN_PROGRESS;
import static dev.floe.ice.CandidatePairState.WAITING;

import dev.floe.ice.CandidatePairState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;

/**
 * When each pair is probed once there is a selected one: by a check that is sent once. The selected pair is while it is
 * suspected; a few others are kept valid, so that there is somewhere to go; what has died is looked after less and less
 * often; and while nothing works, everything is tried.
 */
final class PairProbes {

    /** How things stand with the selected pair. */
    enum Urgency {
        /** It answers. */
        NONE,
        /** It owes an answer. */
        SUSPECTED,
        /** It is dead, and so is every other. */
        LOST
    }

    private static final int MAX_KEPT = 6;
    private static final int MAX_LOOKED_AFTER = 8;
    private static final long KEPT_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long RETRY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST_RETRY_NANOS = Duration.ofSeconds(15).toNanos();
    private static final long FORGOTTEN_NANOS = Duration.ofMinutes(10).toNanos();
    private static final long URGENT_NANOS = Duration.ofMillis(25).toNanos();
    private static final long LONGEST_URGENT_NANOS = Duration.ofMillis(250).toNanos();

    private final Checklist checklist;
    private final Nominator nominator;
    private final RandomGenerator random;
    private Urgency urgency = Urgency.NONE;

    PairProbes(Checklist checklist, Nominator nominator, RandomGenerator random) {
        this.checklist = checklist;
        this.nominator = nominator;
        this.random = random;
    }

    Urgency urgency() {
        return urgency;
    }

    void enter(Urgency next) {
        urgency = next;
    }

    /** The selected pair if it is to be probed now, else null. */
    CheckedPair nextUrgent(long nowNanos) {
        CheckedPair selected = nominator.selected();
        if (selected == null || selected.isGone() || selected.liveness.probeNanos > nowNanos) {
            return null;
        }
        // Several at first, then ever fewer.
        Liveness liveness = selected.liveness;
        long interval =
                Math.max(URGENT_NANOS, liveness.rttNanos() / 3) << Math.max(0, Math.min(liveness.owed() - 3, 4));
        liveness.probeNanos = nowNanos + Math.min(interval, LONGEST_URGENT_NANOS);
        return selected;
    }

    /** Another pair that is to be probed now, or null. */
    CheckedPair next(long nowNanos, ToLongFunction<CheckedPair> openNanos) {
        if (nominator.selected() == null) {
            return null;
        }
        for (CheckedPair pair : checklist.pairs()) {
            if (pair.liveness.probeNanos <= nowNanos
                    && openNanos.applyAsLong(pair) <= nowNanos
                    && take(pair, nowNanos)) {
                return pair;
            }
        }
        return null;
    }

    /** When there is the next pair to look at. */
    long nextNanos(ToLongFunction<CheckedPair> openNanos) {
        long next = IceAgent.NEVER;
        if (nominator.selected() != null) {
            for (CheckedPair pair : checklist.pairs()) {
                if (pair.liveness.probeNanos < next) {
                    next = Math.min(next, Math.max(pair.liveness.probeNanos, openNanos.applyAsLong(pair)));
                }
            }
        }
        return next;
    }

    /** The pair was answered. */
    void answered(CheckedPair pair, long nowNanos) {
        boolean isProbation = !pair.liveness.isTrusted(nowNanos);
        pair.liveness.probeNanos = pair == nominator.selected()
                ? IceAgent.NEVER
                : nowNanos + (isProbation ? RETRY_NANOS : jittered(KEPT_NANOS));
    }

    /** The pair has failed. */
    void failed(CheckedPair pair, long nowNanos) {
        pair.liveness.failed();
        pair.liveness.probeNanos = pair.isGone() ? IceAgent.NEVER : nowNanos + RETRY_NANOS;
    }

    /** Probes all valid pairs now. */
    void askValid(long nowNanos) {
        checklist.pairs().stream().filter(CheckedPair::isValid).forEach(pair -> pair.liveness.probeNanos = nowNanos);
    }

    /** Probes all pairs now that are not being checked. */
    void askAll(long nowNanos) {
        checklist.pairs().stream()
                .filter(pair -> pair.isValid() || pair.state() == FAILED)
                .filter(pair -> !pair.isGone())
                .forEach(pair -> pair.liveness.probeNanos = nowNanos);
    }

    private boolean take(CheckedPair pair, long nowNanos) {
        CandidatePairState state = pair.state();
        if (state == WAITING || (state == IN_PROGRESS && pair.check() != null)) {
            pair.liveness.probeNanos = nowNanos + RETRY_NANOS;
            return false;
        }
        if (pair.isValid() && pair != nominator.selected() && pair.liveness.isOverdue(nowNanos)) {
            pair.failed();
            failed(pair, nowNanos);
            return false;
        }
        boolean isWorthIt = isWorthIt(pair, nowNanos);
        pair.liveness.probeNanos = nowNanos + (isWorthIt ? interval(pair) : KEPT_NANOS);
        return isWorthIt;
    }

    private long interval(CheckedPair pair) {
        if (pair.isValid()) {
            return urgency == Urgency.NONE
                    ? RETRY_NANOS
                    : Math.min(RETRY_NANOS, (2 * URGENT_NANOS) << Math.min(pair.liveness.owed(), 10));
        }
        int retries = pair.liveness.retries++;
        return urgency == Urgency.LOST
                ? RETRY_NANOS
                : jittered(Math.min(LONGEST_RETRY_NANOS, RETRY_NANOS << Math.min(retries, 10)));
    }

    private boolean isWorthIt(CheckedPair pair, long nowNanos) {
        if (pair.isGone()) {
            return false;
        }
        if (pair.isValid()) {
            return urgency != Urgency.NONE || !pair.liveness.isTrusted(nowNanos) || kept().contains(pair);
        }
        boolean isFirst = pair.liveness.retries == 0;
        return isFirst || urgency == Urgency.LOST || lookedAfter(nowNanos).contains(pair);
    }

    /** Valid pairs of as many kinds as there are, of each the best: from each base directly and relayed, then to each host. */
    private Set<CheckedPair> kept() {
        CheckedPair selected = nominator.selected();
        List<CheckedPair> valid = new ArrayList<>(checklist.pairs().stream()
                .filter(pair -> pair.isValid() && pair != selected)
                .toList());
        valid.sort(Comparator.comparing(CheckedPair::isRelayed));
        Set<CheckedPair> kept = new LinkedHashSet<>();
        Set<Object> seen = new HashSet<>();
        seen.add(Way.of(selected));
        for (CheckedPair pair : valid) {
            if (seen.add(List.of(pair.base(), pair.isRelayed()))) {
                seen.add(Way.of(pair));
                kept.add(pair);
            }
        }
        valid.stream().filter(pair -> seen.add(Way.of(pair))).forEach(kept::add);
        return new HashSet<>(kept.stream().limit(MAX_KEPT).toList());
    }

    /** What has worked lately, or worked better, latest first; and if a relay is in use whatever would do without. */
    private Set<CheckedPair> lookedAfter(long nowNanos) {
        CheckedPair selected = nominator.selected();
        return new HashSet<>(checklist.pairs().stream()
                .filter(pair -> pair.state() == FAILED && !pair.isGone())
                .filter(pair -> pair.liveness.isAnsweredSince(nowNanos - FORGOTTEN_NANOS)
                        || (pair.lastResponseNanos() > 0 && checklist.isBetter(pair, selected))
                        || (selected.isRelayed() && !pair.isRelayed()))
                .sorted(Comparator.comparingLong((CheckedPair pair) -> pair.liveness.answeredNanos())
                        .reversed())
                .limit(MAX_LOOKED_AFTER)
                .toList());
    }

    // By ±20 %, as consent checks are.
    private long jittered(long nanos) {
        return (long) (nanos * (0.8 + 0.4 * random.nextDouble()));
    }

    private record Way(InetSocketAddress base, InetAddress remote, boolean isRelayed) {

        static Way of(CheckedPair pair) {
            return new Way(pair.base(), pair.remote.address().getAddress(), pair.isRelayed());
        }
    }
}
