package dev.floe.demo.report;

/** How the bytes of an application have come in: what its user feels of a connection. */
final class Arrivals {

    private long bytes;
    private long firstNanos;
    private long lastNanos;
    private long longestSilenceNanos;
    private boolean isEmpty = true;

    boolean isEmpty() {
        return isEmpty;
    }

    /** So many more have come just now. */
    void add(int count, long now) {
        long silence = isEmpty ? 0 : now - lastNanos;
        update(bytes + count, Math.max(longestSilenceNanos, silence), now);
    }

    /** So many have come by now, with a silence between two of them of at most so long. */
    void update(long total, long silenceNanos, long now) {
        firstNanos = isEmpty ? now : firstNanos;
        isEmpty = false;
        lastNanos = now;
        bytes = total;
        longestSilenceNanos = silenceNanos;
    }

    /** Null if nothing has come. */
    Long bytes() {
        return isEmpty ? null : bytes;
    }

    /** Null if nothing has come. */
    Double longestSilenceMillis() {
        return isEmpty ? null : Moment.millis(longestSilenceNanos);
    }

    /** Megabits a second, from the first to the last; null if they came at once. */
    Double mbitS() {
        return lastNanos == firstNanos ? null : Math.round(bytes * 8e5 / (lastNanos - firstNanos)) / 100.0;
    }
}
