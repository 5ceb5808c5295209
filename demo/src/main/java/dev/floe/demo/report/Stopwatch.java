package dev.floe.demo.report;

/** Milliseconds since the process's {@code main} began, with one decimal. */
public final class Stopwatch {

    private static long startNanos = System.nanoTime();

    private Stopwatch() {}

    /** To be called first thing in {@code main}. */
    public static void start() {
        startNanos = System.nanoTime();
    }

    public static double millis() {
        return round((System.nanoTime() - startNanos) / 1e6);
    }

    /** To one decimal. */
    public static double round(double millis) {
        return Math.round(millis * 10) / 10.0;
    }
}
