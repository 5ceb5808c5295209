package dev.floe.ice.agent;

import java.time.Duration;

/**
 * What its checks have shown of a pair: how long an answer takes, since when one is owed, when the pair is to be probed
 * next, and how far a pair that has died is to be trusted again.
 */
final class Liveness {

    private static final long SLACK_NANOS = millis(25);
    private static final long DEAD_SLACK_NANOS = millis(150);
    private static final int LEAST_OWED = 3;
    private static final int LEAST_SAMPLES = 3;
    private static final int HOPELESS_ASKED = 12;
    private static final long LONGEST_RTT_NANOS = millis(1_000);
    private static final long STALE_NANOS = millis(15_000);
    private static final long HOLD_DOWN_NANOS = millis(3_000);
    private static final int MOST_DOUBLINGS = 5;
    private static final long LONGEST_HOLD_DOWN_NANOS = millis(60_000);
    private static final long FORGIVEN_NANOS = millis(300_000);

    /** When the pair is to be probed next, or {@link IceAgent#NEVER}. */
    long probeNanos = IceAgent.NEVER;
    /** How often it has been probed since it failed. */
    int retries;

    private long rttNanos;
    private long deviationNanos;
    private int samples;
    private boolean isEverAnswered;
    private int asked;
    private long answeredNanos;
    private int owed;
    private long owedSinceNanos = IceAgent.NEVER;
    private long provenNanos = IceAgent.NEVER;
    private long holdNanos;
    private int deaths;
    private long diedNanos;

    /** A request went out that has to be answered. */
    void asked(long nowNanos) {
        asked++;
        owed++;
        if (owedSinceNanos == IceAgent.NEVER) {
            owedSinceNanos = nowNanos;
        }
    }

    /** @param isExact whether the request went out once only, so that the answer is known to be to that one */
    void answered(long roundTripNanos, boolean isExact, long nowNanos) {
        measure(Math.min(roundTripNanos, LONGEST_RTT_NANOS), isExact);
        isEverAnswered = true;
        answeredNanos = nowNanos;
        owed = 0;
        owedSinceNanos = IceAgent.NEVER;
        retries = 0;
        if (provenNanos == IceAgent.NEVER) {
            provenNanos = nowNanos;
        }
    }

    /** Whether it has been asked often, and never answered. */
    boolean isHopeless() {
        return !isEverAnswered && asked >= HOPELESS_ASKED;
    }

    /** What was proven is so no more. */
    void failed() {
        provenNanos = IceAgent.NEVER;
        retries = 0;
    }

    /** The pair leaves by another way now, of which nothing is known; what is owed is owed by the old one. */
    void moved() {
        failed();
        owed = 0;
        owedSinceNanos = IceAgent.NEVER;
    }

    /** The pair has died while it was in use: it is trusted again later each time. */
    void died(long nowNanos) {
        deaths = deaths > 0 && nowNanos - diedNanos < FORGIVEN_NANOS ? deaths + 1 : 1;
        diedNanos = nowNanos;
        hold(Math.min(LONGEST_HOLD_DOWN_NANOS, HOLD_DOWN_NANOS << Math.min(deaths - 1, MOST_DOUBLINGS)));
    }

    /** There is something as good in use: to go back takes more than a first answer. */
    void left() {
        hold(Math.max(holdNanos, HOLD_DOWN_NANOS));
    }

    /** A pair with a far shorter round trip is in use: that may change, but not all the time. */
    void surpassed() {
        hold(LONGEST_HOLD_DOWN_NANOS);
    }

    /** Whether the pair has been proven for as long as it takes to be chosen again of one's own accord. */
    boolean isTrusted(long nowNanos) {
        return holdNanos == 0 || (provenNanos != IceAgent.NEVER && owed <= 1 && nowNanos - provenNanos >= holdNanos);
    }

    /** Whether the pair was answered lately and owes little. */
    boolean isFresh(long nowNanos) {
        return isEverAnswered && nowNanos - answeredNanos <= STALE_NANOS && owed < LEAST_OWED;
    }

    boolean isAnsweredSince(long nanos) {
        return isEverAnswered && answeredNanos >= nanos;
    }

    /** Whether the round trip is known from several answers. */
    boolean isMeasured() {
        return samples >= LEAST_SAMPLES;
    }

    /** Whether it owes so much, and for so long, that it counts as dead. */
    boolean isOverdue(long nowNanos) {
        return owed >= LEAST_OWED && nowNanos - owedSinceNanos >= deadNanos();
    }

    int owed() {
        return owed;
    }

    /** Since when an answer is owed, or {@link IceAgent#NEVER}. */
    long owedSinceNanos() {
        return owedSinceNanos;
    }

    long answeredNanos() {
        return answeredNanos;
    }

    /** The smoothed round trip; an upper bound while no answer has been measured exactly. */
    long rttNanos() {
        return rttNanos;
    }

    /** After how long an answer is late. */
    long lateNanos() {
        return rttNanos + 4 * deviationNanos + SLACK_NANOS;
    }

    /** For how long probes have to go unanswered before the pair counts as dead. */
    long deadNanos() {
        return 2 * rttNanos + 4 * deviationNanos + DEAD_SLACK_NANOS;
    }

    // As RFC 6298 §2 does, but beginning with no deviation: the slack stands for it until there is one.
    private void measure(long sampleNanos, boolean isExact) {
        if (samples == 0) {
            rttNanos = sampleNanos;
        } else if (isExact) {
            deviationNanos += (Math.abs(sampleNanos - rttNanos) - deviationNanos) / 4;
            rttNanos += (sampleNanos - rttNanos) / 8;
        }
        samples += isExact ? 1 : 0;
    }

    private void hold(long nanos) {
        holdNanos = nanos;
        provenNanos = IceAgent.NEVER;
    }

    private static long millis(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }
}
