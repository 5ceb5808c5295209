package dev.floe.demo.report;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * When something happened.
 *
 * @param millis since the process's {@code main} began, with one decimal
 * @param epochMillis by the wall clock, with one decimal, so that two processes can be compared
 */
public record Moment(double millis, BigDecimal epochMillis) {

    private static long startNanos = System.nanoTime();

    /** To be called first thing in {@code main}. */
    static void start() {
        startNanos = System.nanoTime();
    }

    static Moment now() {
        Instant wall = Instant.now();
        long tenths = wall.getEpochSecond() * 10_000 + wall.getNano() / 100_000;
        return new Moment(millis(System.nanoTime() - startNanos), BigDecimal.valueOf(tenths, 1));
    }

    /** When {@code main} began, by the wall clock, as it is now. */
    static double zeroEpochMillis() {
        Moment now = now();
        return now.epochMillis().doubleValue() - now.millis();
    }

    /** Nanoseconds as milliseconds with one decimal. */
    static double millis(long nanos) {
        return Math.round(nanos / 1e5) / 10.0;
    }
}
