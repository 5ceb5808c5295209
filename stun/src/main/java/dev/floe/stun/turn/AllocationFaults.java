package dev.floe.stun.turn;

/** What a request about a permission or a channel tells of the allocation itself. */
interface AllocationFaults {
    /** The server knows of no such allocation: 437. */
    void mismatched(TurnException cause, long nowNanos);

    /** The server has not answered, or so as coturn does when it knows of no allocation. */
    void doubtful(long nowNanos);
}
