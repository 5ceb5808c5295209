package dev.floe.ice.agent;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Consent to go on sending over the selected pair (RFC 7675 §5.1). A peer that is not known to answer checks for the
 * whole session gets keepalive indications in their place (RFC 8445 §11).
 */
final class ConsentMonitor {

    private static final long INTERVAL_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long EXPIRY_NANOS = Duration.ofSeconds(30).toNanos();
    private static final long STALE_NANOS = EXPIRY_NANOS / 2;
    private static final long KEEPALIVE_NANOS = Duration.ofSeconds(15).toNanos();

    private final boolean isAnswered;
    private final RandomGenerator random;
    private long nextNanos = IceAgent.NEVER;
    private long expiryNanos = IceAgent.NEVER;

    /** @param isAnswered whether the other side goes on answering checks once it is connected */
    ConsentMonitor(boolean isAnswered, RandomGenerator random) {
        this.isAnswered = isAnswered;
        this.random = random;
    }

    /** A pair was selected, over which the other side answered last at {@code lastResponseNanos}. */
    void selected(long lastResponseNanos, long nowNanos) {
        scheduleNext(nowNanos);
        renewed(lastResponseNanos);
    }

    /**
     * Whether a pair's last answer is too old to start sending on: what is left of the consent that it gave might not
     * last for a check to renew it. The pair is then selected once it has been answered again.
     */
    boolean isStale(long lastResponseNanos, long nowNanos) {
        return isAnswered && nowNanos - lastResponseNanos > STALE_NANOS;
    }

    /** The other side answered a check over the selected pair. */
    void renewed(long nowNanos) {
        if (isAnswered) {
            expiryNanos = nowNanos + EXPIRY_NANOS;
        }
    }

    boolean isAnswered() {
        return isAnswered;
    }

    boolean isExpired(long nowNanos) {
        return nowNanos >= expiryNanos;
    }

    boolean isDue(long nowNanos) {
        return nowNanos >= nextNanos;
    }

    /** The next check goes out now. */
    void hurry(long nowNanos) {
        nextNanos = nowNanos;
    }

    void sent(long nowNanos) {
        scheduleNext(nowNanos);
    }

    long nextNanos() {
        return nextNanos;
    }

    long expiryNanos() {
        return expiryNanos;
    }

    // Randomised by ±20 %, so that the checks of many sessions do not fall into step.
    private void scheduleNext(long nowNanos) {
        nextNanos =
                nowNanos + (isAnswered ? (long) (INTERVAL_NANOS * (0.8 + 0.4 * random.nextDouble())) : KEEPALIVE_NANOS);
    }
}
