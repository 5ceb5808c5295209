package dev.floe.stun.turn;

/** What a request about a permission or a channel tells of the allocation itself. */
interface AllocationFaults {
    /** The server knows of no such allocation: 437. */
    void mismatched(TurnException cause, long nowNanos);

    /** The server has not answered, and may be gone. */
    void unanswered(long nowNanos);
}
