package dev.floe.stun.turn;

import java.net.InetSocketAddress;

/** One peer's channel (RFC 8656, section 12). */
final class ChannelBinding {
    enum State {
        /** The server has been asked; its answer may be overtaken by what comes on the channel. */
        PENDING,
        /** Data goes and comes on the channel. */
        BOUND,
        /** Has lasted its time unused. For five minutes nobody else may have its number, and its peer no other one. */
        EXPIRED,
        /** The server has refused; as expired, but not to be asked for again meanwhile. */
        REFUSED
    }

    final InetSocketAddress peer;
    final int number;
    State state = State.PENDING;

    /** Whether there has been data since the last ChannelBind. */
    boolean isUsed = true;

    /** When the binding is to be refreshed, to expire, or to be forgotten. */
    long dueNanos = TurnSession.NEVER;

    /** When the server forgets the binding. */
    long expiryNanos = TurnSession.NEVER;

    ChannelBinding(InetSocketAddress peer, int number) {
        this.peer = peer;
        this.number = number;
    }

    boolean isOpen() {
        return state == State.PENDING || state == State.BOUND;
    }
}
