package dev.floe.quic;

import java.time.Duration;

/**
 * Tells when QUIC, which was talking, hears nothing any more: datagrams were flowing in and have stopped, or one that asks
 * for an answer went out and nothing has come since. It only gives reason to suspect the path, which ICE then judges. Time
 * is that of {@link System#nanoTime}.
 */
final class SilenceWatch {

    private static final long NEVER = Long.MAX_VALUE;

    private static final long MIN_GAP_NANOS = Duration.ofMillis(30).toNanos();
    private static final long MIN_WAIT_NANOS = Duration.ofMillis(60).toNanos();
    private static final long PAUSE_NANOS = Duration.ofMillis(250).toNanos();
    private static final long ASSUMED_RTT_NANOS = Duration.ofMillis(100).toNanos();

    // A power of two.
    private static final int SEVERAL = 4;
    private static final int FEW_ROUND_TRIPS = 4;

    // QUIC acknowledges within 25 ms (RFC 9000 §18.2); what small thing goes out later wants an answer.
    private static final long ACK_NANOS = Duration.ofMillis(30).toNanos();
    private static final int ACK_BYTES = 64;

    private final long[] arrivals = new long[SEVERAL];
    private long rttNanos = ASSUMED_RTT_NANOS;
    private long heard;
    private long lastHeardNanos;
    private boolean isAwaiting;
    private long awaitingNanos;
    private long suspectedNanos;

    SilenceWatch(long nowNanos) {
        lastHeardNanos = nowNanos;
        suspectedNanos = nowNanos - PAUSE_NANOS;
    }

    void roundTrip(Duration rtt) {
        rttNanos = rtt.toNanos();
    }

    /** QUIC hears this datagram. */
    void heard(long nowNanos) {
        isAwaiting = false;
        lastHeardNanos = nowNanos;
        arrivals[(int) heard++ & (SEVERAL - 1)] = nowNanos;
    }

    /** Whether something has been sent that nothing has come for yet. */
    boolean isAwaiting() {
        return isAwaiting;
    }

    /** QUIC sends a datagram. */
    void sent(int bytes, long nowNanos) {
        boolean isMereAck = bytes <= ACK_BYTES && nowNanos - lastHeardNanos < ACK_NANOS;
        if (!isAwaiting && !isMereAck) {
            isAwaiting = true;
            awaitingNanos = nowNanos;
        }
    }

    /** The path is another one now, and owes nothing yet. */
    void moved() {
        isAwaiting = false;
        heard = 0;
    }

    /** Whether it has been silent for too long; then it takes something new to be asked about to be so again. */
    boolean isSuspicious(long nowNanos) {
        if (deadlineNanos() > nowNanos) {
            return false;
        }
        suspectedNanos = nowNanos;
        moved();
        return true;
    }

    /** Whether there is nothing to look for until the next datagram. */
    boolean isIdle() {
        return deadlineNanos() == NEVER;
    }

    /** How long to wait before looking: what begins meanwhile is not due sooner than one gap after it has begun. */
    long delayNanos(long nowNanos) {
        long deadline = deadlineNanos();
        return deadline == NEVER ? gapNanos() : Math.max(1, Math.min(deadline - nowNanos, gapNanos()));
    }

    private long deadlineNanos() {
        long deadline = Math.min(flowDeadlineNanos(), answerDeadlineNanos());
        return deadline == NEVER ? NEVER : Math.max(deadline, suspectedNanos + PAUSE_NANOS);
    }

    private long flowDeadlineNanos() {
        if (heard < SEVERAL) {
            return NEVER;
        }
        // Of a slow but steady flow, three intervals.
        long span = lastHeardNanos - arrivals[(int) heard & (SEVERAL - 1)];
        return span > FEW_ROUND_TRIPS * gapNanos() ? NEVER : lastHeardNanos + Math.max(span, gapNanos());
    }

    private long answerDeadlineNanos() {
        return isAwaiting ? awaitingNanos + Math.max(2 * rttNanos, MIN_WAIT_NANOS) : NEVER;
    }

    private long gapNanos() {
        return Math.max(rttNanos, MIN_GAP_NANOS);
    }
}
