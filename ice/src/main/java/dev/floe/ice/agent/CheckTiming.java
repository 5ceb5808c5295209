package dev.floe.ice.agent;

import dev.floe.stun.StunMessage;
import dev.floe.stun.transaction.StunTransaction;
import java.time.Duration;

/**
 * How soon and how often a check is sent again, and how long the agent waits before it gives up.
 *
 * @param minRtoNanos the least RTO; the pacing times the number of active pairs may lengthen it (RFC 8445 §14.3)
 * @param rc how often a check is sent (RFC 8489 §6.2.1)
 * @param rm how many RTOs to wait after the last time
 * @param maxIntervalNanos the most time between two transmissions, and after the last
 * @param patienceNanos the least time before no path is reported, for a peer-reflexive check may still come (RFC 8863)
 */
record CheckTiming(long minRtoNanos, int rc, int rm, long maxIntervalNanos, long patienceNanos) {

    private static final CheckTiming BY_THE_BOOK = new CheckTiming(millis(500), 7, 16, Long.MAX_VALUE, millis(39_500));

    // A departure from RFC 8445 §14.3. The first check is lost whenever the far NAT's owner has not sent yet; at 500 ms
    // an RTO that costs more than all the rest. Two sides that propose their pacing have agreed on what each may send,
    // so between them the RTO starts at two slots: 0, 10, 30, 70, … 1270 ms, then every 640 ms, all through the pacer.
    private static final CheckTiming QUICK = new CheckTiming(millis(10), 20, 100, millis(640), millis(10_000));

    // For what can only become a second way: sent six times, 0, 50, 150, … 1550 ms.
    private static final CheckTiming UNHURRIED = new CheckTiming(millis(50), 6, 16, millis(800), millis(10_000));

    /** @param isPacingAgreed whether both sides propose their pacing */
    static CheckTiming of(boolean isPacingAgreed) {
        return isPacingAgreed ? QUICK : BY_THE_BOOK;
    }

    /** That of checks which nobody waits for. */
    CheckTiming unhurried() {
        return equals(QUICK) ? UNHURRIED : this;
    }

    StunTransaction transaction(StunMessage request, long rtoNanos) {
        return new StunTransaction(request, Math.max(rtoNanos, minRtoNanos), rc, rm, maxIntervalNanos);
    }

    private static long millis(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }
}
