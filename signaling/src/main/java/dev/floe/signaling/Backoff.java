package dev.floe.signaling;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * When to try again: after a random time below a bound that doubles, so that the clients of a server that has gone do
 * not all come at once, and not for ever unless it is told so.
 */
final class Backoff {

    private static final long FIRST_BOUND_MILLIS = 200;
    private static final long LAST_BOUND_MILLIS = 3000;

    private final Duration patience;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private long bound = FIRST_BOUND_MILLIS;
    private long begin;
    private boolean isTrying;
    private boolean isEndless;

    Backoff(Duration patience, LongSupplier nanoTime, RandomGenerator random) {
        this.patience = patience;
        this.nanoTime = nanoTime;
        this.random = random;
    }

    /** How long to wait before the next try; empty once there is no more patience. */
    OptionalLong nextDelayMillis() {
        long now = nanoTime.getAsLong();
        if (!isTrying) {
            // A connection that has lasted is no reason to be more careful than before.
            bound = now - begin > TimeUnit.MILLISECONDS.toNanos(LAST_BOUND_MILLIS) ? FIRST_BOUND_MILLIS : bound;
            isTrying = true;
            begin = now;
        }
        long left = isEndless ? Long.MAX_VALUE : patience.toMillis() - TimeUnit.NANOSECONDS.toMillis(now - begin);
        if (left <= 0) {
            return OptionalLong.empty();
        }
        long delay = random.nextLong(bound) + 1;
        bound = Math.min(LAST_BOUND_MILLIS, 2 * bound);
        return OptionalLong.of(Math.min(delay, left));
    }

    /** A try was a success. */
    void succeeded() {
        isTrying = false;
        begin = nanoTime.getAsLong();
    }

    /** What has failed so far says nothing of the next tries. */
    void hurry() {
        bound = FIRST_BOUND_MILLIS;
    }

    /** From now on there is patience without end. */
    void persist() {
        isEndless = true;
    }
}
