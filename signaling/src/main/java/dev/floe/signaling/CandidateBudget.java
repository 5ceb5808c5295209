package dev.floe.signaling;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many candidates the other side, or a server in its name, may tell of: enough for one that roams all day long, and
 * not without end.
 */
final class CandidateBudget {

    static final int AT_ONCE = 256;
    static final int PER_SECOND = 10;

    private static final long NANOS_EACH = TimeUnit.SECONDS.toNanos(1) / PER_SECOND;

    private final LongSupplier nanoTime;
    private long fullAt;

    CandidateBudget(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        fullAt = nanoTime.getAsLong();
    }

    /** Takes one; false if there is none left just now. */
    boolean take() {
        long now = nanoTime.getAsLong();
        long next = Math.max(0, fullAt - now) + NANOS_EACH;
        if (next > AT_ONCE * NANOS_EACH) {
            return false;
        }
        fullAt = now + next;
        return true;
    }
}
