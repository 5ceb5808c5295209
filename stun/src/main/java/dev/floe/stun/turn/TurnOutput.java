package dev.floe.stun.turn;

import dev.floe.stun.StunMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** One thing that a {@link TurnSession} wants done. */
sealed interface TurnOutput {

    /**
     * Make a way to the server, then say so with {@link TurnSession#connected} or {@link TurnSession#disconnected}.
     *
     * @param host the name that its certificate must have, over TLS
     */
    record Connect(InetSocketAddress server, String host) implements TurnOutput {}

    /** Send to the server. */
    record Transmit(StunMessage message) implements TurnOutput {}

    /** What was held for the peer can go. */
    record Permitted(InetAddress peer) implements TurnOutput {}

    /** Tell the user; what was held for a refused peer, or for a lost allocation, goes nowhere. */
    record Notify(TurnEvent event) implements TurnOutput {}

    /** The allocation is given back, or the server does not answer: the channel can be closed. */
    record Released() implements TurnOutput {}
}
