package dev.floe.demo.bench;

/**
 * One number that a benchmark has found.
 *
 * @param name its field in JSON
 * @param meaning what it counts, and in what unit, for people
 */
record Figure(String name, Number value, String meaning) {

    /** A ratio or a time, rounded to three decimals. */
    static Figure of(String name, double value, String meaning) {
        return new Figure(name, Math.round(value * 1_000) / 1_000.0, meaning);
    }

    static Figure of(String name, long value, String meaning) {
        return new Figure(name, value, meaning);
    }
}
