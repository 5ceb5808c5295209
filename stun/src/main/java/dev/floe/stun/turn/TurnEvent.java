package dev.floe.stun.turn;

import java.net.InetAddress;

/** What becomes of a TURN client's allocation; a {@link TurnClientHandler} fires each as a user event. */
public sealed interface TurnEvent {

    /** There is an allocation, the first one or one in the place of another that was lost. */
    record Allocated(TurnAllocation allocation) implements TurnEvent {}

    /**
     * The relayed addresses of {@code allocation} are gone; the client asks for new ones, until it has them or
     * {@link AllocationFailed} comes.
     */
    record AllocationLost(TurnAllocation allocation, TurnException cause) implements TurnEvent {}

    /** There is no allocation, and none is asked for any more. */
    record AllocationFailed(TurnException cause) implements TurnEvent {}

    /** The client has another address, and the allocation has followed it (RFC 8016). */
    record AllocationMoved(TurnAllocation allocation) implements TurnEvent {}

    /** The server does not relay to {@code peer}, for a while at least; what was sent to it is dropped. */
    record PeerRefused(InetAddress peer, TurnException cause) implements TurnEvent {}
}
