package dev.floe.stun.turn;

/** Whether one peer's IP address may pass the relay (RFC 8656, section 9). */
final class TurnPermission {
    enum State {
        /** The server has been asked. What is to be sent waits; what comes from the peer may have overtaken the answer. */
        PENDING,
        /** The server has agreed, and is asked again before it forgets. */
        INSTALLED,
        /** The server has not agreed; it may be asked again after a while. */
        REFUSED
    }

    State state = State.PENDING;

    /** When the permission is to be refreshed, or its refusal forgotten. */
    long dueNanos = TurnSession.NEVER;
}
