package dev.floe.ice.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;

/** What is to happen, and when; time passes by going from one thing to the next. */
final class VirtualTime {

    private static final long MILLI = 1_000_000;

    private final PriorityQueue<Due> due =
            new PriorityQueue<>(Comparator.comparingLong(Due::atNanos).thenComparingLong(Due::number));
    private long nowNanos;
    private long number;

    private record Due(long atNanos, long number, Runnable action) {}

    long nowNanos() {
        return nowNanos;
    }

    long nowMillis() {
        return nowNanos / MILLI;
    }

    void after(long millis, Runnable action) {
        due.add(new Due(nowNanos + millis * MILLI, number++, action));
    }

    /** How many things have been planned so far. */
    long planned() {
        return number;
    }

    /** Does the next thing, or passes on to {@code limitNanos} if there is none before. */
    void step(long limitNanos) {
        if (!due.isEmpty() && due.peek().atNanos() <= limitNanos) {
            Due next = due.poll();
            nowNanos = Math.max(nowNanos, next.atNanos());
            next.action().run();
        } else {
            nowNanos = Math.max(nowNanos, limitNanos);
        }
    }
}
