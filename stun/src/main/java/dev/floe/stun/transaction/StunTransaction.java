package dev.floe.stun.transaction;

import dev.floe.stun.StunMessage;

/**
 * How often one request has been sent, and when the next step is due (RFC 8489, section 6.2.1). It has no clock and no
 * channel: its user sends the request, says so, and comes back at the deadline. Not safe for use by several threads.
 */
public final class StunTransaction {
    private final StunMessage request;
    private final long rtoNanos;
    private final int rc;
    private final int rm;
    private final long maxIntervalNanos;
    private int transmissions;
    private long firstTransmittedNanos;
    private long deadlineNanos = Long.MIN_VALUE;

    /**
     * A transaction that has not begun.
     *
     * @param request what is sent
     * @param rtoNanos the first retransmission time-out
     * @param rc how often the request is sent at most
     * @param rm how many {@code rtoNanos} the answer is waited for after the last time
     */
    public StunTransaction(StunMessage request, long rtoNanos, int rc, int rm) {
        this(request, rtoNanos, rc, rm, Long.MAX_VALUE);
    }

    /**
     * A transaction that has not begun, with a limit to its patience.
     *
     * @param request what is sent
     * @param rtoNanos the first retransmission time-out
     * @param rc how often the request is sent at most
     * @param rm how many {@code rtoNanos} the answer is waited for after the last time
     * @param maxIntervalNanos the most time between two transmissions, and after the last
     */
    public StunTransaction(StunMessage request, long rtoNanos, int rc, int rm, long maxIntervalNanos) {
        if (rtoNanos < 1 || rc < 1 || rm < 1) {
            throw new IllegalArgumentException(
                    "RTO " + rtoNanos + ", Rc " + rc + ", Rm " + rm + ": all must be positive");
        }
        this.request = request;
        this.rtoNanos = rtoNanos;
        this.rc = rc;
        this.rm = rm;
        this.maxIntervalNanos = maxIntervalNanos;
    }

    /** {@return what is sent} */
    public StunMessage request() {
        return request;
    }

    /**
     * The request has been sent once more.
     *
     * @param nowNanos on the clock of {@link #deadlineNanos}
     */
    public void transmitted(long nowNanos) {
        if (exhausted()) {
            throw new IllegalStateException("the request has already been sent " + rc + " times");
        }
        if (transmissions == 0) {
            firstTransmittedNanos = nowNanos;
        }
        transmissions++;
        long interval = exhausted() ? rm * rtoNanos : rtoNanos << (transmissions - 1);
        deadlineNanos = nowNanos + Math.min(interval, maxIntervalNanos);
    }

    /**
     * When the next step is due: to send again, or, once {@link #exhausted}, to give up. {@link Long#MIN_VALUE} before
     * the first transmission: it is due at once, whatever the time.
     *
     * @return on the clock of {@link #transmitted}
     */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** {@return whether the request may not be sent again: at the deadline the transaction has failed} */
    public boolean exhausted() {
        return transmissions == rc;
    }

    /** {@return how often the request was sent} */
    public int transmissions() {
        return transmissions;
    }

    /** {@return when the request was first sent; 0 before} */
    public long firstTransmittedNanos() {
        return firstTransmittedNanos;
    }
}
