package dev.floe.stun.turn;

import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import java.util.function.Consumer;

/**
 * A request to the server, built anew each time that credentials make it necessary.
 *
 * @param isSigned whether it takes part in the long-term credential mechanism
 * @param attributes adds what the request has besides credentials
 */
record TurnRequest(
        StunMethod method,
        boolean isSigned,
        Consumer<StunMessage.Builder> attributes,
        Success success,
        Failure failure) {

    /** The server has granted it. */
    interface Success {
        void accept(StunMessage response, long nowNanos);
    }

    /** The server has refused it, or has not answered. */
    interface Failure {
        /**
         * Learns why.
         *
         * @param cause its code is 0 if there was no answer
         * @param response the one that refused; without an answer, the request
         */
        void accept(TurnException cause, StunMessage response, long nowNanos);
    }

    /** A signed one, as all of TURN's are. */
    TurnRequest(StunMethod method, Consumer<StunMessage.Builder> attributes, Success success, Failure failure) {
        this(method, true, attributes, success, failure);
    }
}
