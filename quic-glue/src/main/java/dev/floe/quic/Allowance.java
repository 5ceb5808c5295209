package dev.floe.quic;

import java.util.function.LongSupplier;

/** Bounds what somebody else may cause: so much at once, and so much a second in the long run. */
final class Allowance {

    private static final double NANOS_PER_SECOND = 1e9;

    private final double burst;
    private final double perSecond;
    private final LongSupplier nanoTime;
    private double left;
    private long filledNanos;

    /** @param nanoTime as {@link System#nanoTime} */
    Allowance(double burst, double perSecond, LongSupplier nanoTime) {
        this.burst = burst;
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
        left = burst;
        filledNanos = nanoTime.getAsLong();
    }

    /** Whether this much is allowed now; then it is taken. */
    boolean takes(double amount) {
        long now = nanoTime.getAsLong();
        left = Math.min(burst, left + (now - filledNanos) / NANOS_PER_SECOND * perSecond);
        filledNanos = now;
        if (left < amount) {
            return false;
        }
        left -= amount;
        return true;
    }
}
