package dev.floe.ice.agent;

/** Lets one request go every Ta (RFC 8445 §14); an idle time gives no credit for a burst. */
final class Pacer {

    private long intervalNanos;
    private long nextSlotNanos;

    Pacer(long intervalNanos, long nowNanos) {
        this.intervalNanos = intervalNanos;
        this.nextSlotNanos = nowNanos;
    }

    long intervalNanos() {
        return intervalNanos;
    }

    /** Slows down to the longer of two intervals; the slot that is under way is lengthened with it. */
    void slowDownTo(long intervalNanos) {
        if (intervalNanos > this.intervalNanos) {
            nextSlotNanos += intervalNanos - this.intervalNanos;
            this.intervalNanos = intervalNanos;
        }
    }

    boolean isOpen(long nowNanos) {
        return nowNanos - nextSlotNanos >= 0;
    }

    void taken(long nowNanos) {
        nextSlotNanos = nowNanos + intervalNanos;
    }

    long nextSlotNanos() {
        return nextSlotNanos;
    }
}
