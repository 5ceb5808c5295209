package dev.floe.stun.turn;

import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;

/** A request to the server, built anew each time that credentials make it necessary. */
interface TurnRequest {
    StunMethod method();

    /** Adds what the request has besides credentials. */
    void write(StunMessage.Builder request);

    void succeeded(StunMessage response, long nowNanos);

    /**
     * The server refused, or has not answered.
     *
     * @param cause its code is 0 if there was no answer
     * @param response the one that refused; without an answer, the request
     */
    void failed(TurnException cause, StunMessage response, long nowNanos);
}
