package dev.floe.ice;

import io.netty.util.concurrent.Future;

/**
 * A way to tell the other side a description at once and the candidates as they are found (RFC 8838).
 * {@code SignalingClient::trickle} is one.
 */
@FunctionalInterface
public interface TrickleExchange {

    /** How many bytes a message may have: 4 KiB, and a frame around them. */
    int MAX_MESSAGE = 4096 + 16;

    /**
     * Begins one session. Called on an event loop, which it must not block.
     *
     * @param local this side's description with the candidates found so far
     * @param theirs takes what the other side says after its description, in order, on any thread
     * @return the session, for as long as candidates are told
     */
    Session begin(IceDescription local, Candidates theirs);

    /**
     * {@return an exchange that waits for the last of this side's candidates and then tells everything at once: half
     * trickle}
     *
     * @param whole tells and hears everything at once
     */
    static TrickleExchange half(DescriptionExchange whole) {
        return (local, theirs) -> new HalfTrickle(whole, local, theirs);
    }

    /** Takes candidates one by one. */
    interface Candidates {

        /**
         * One more was found.
         *
         * @param candidate of this side
         */
        void add(Candidate candidate);

        /** There will be no more (RFC 8838 §13). */
        void end();

        /**
         * Something else for the other side, which means nothing to whoever carries it: methods to connect other than ICE
         * have words of their own. By default it is not heard.
         *
         * @param content up to {@link #MAX_MESSAGE} bytes
         */
        default void message(byte[] content) {}
    }

    /** This side's part of a session; not safe for several threads. */
    interface Session extends Candidates {

        /**
         * The other side's description, with as many of its candidates as had come by then. Completes on any thread.
         *
         * @return fails if there will be none
         */
        Future<IceDescription> remote();

        /**
         * {@inheritDoc} To be called when {@link #remote} has completed: who was not there then does not hear it. It comes
         * once, and in order with all else; if signaling is lost, it may not come.
         *
         * @throws IllegalArgumentException if it is too long
         * @throws UnsupportedOperationException if this exchange carries none, as it is by default
         */
        @Override
        default void message(byte[] content) {
            throw new UnsupportedOperationException("this signaling carries descriptions and candidates alone");
        }

        /**
         * The local network has changed, or the way to the other side is lost: whatever carries this session should make
         * new connections at once, since its old ones may lead through a network that is gone. May be said often.
         */
        default void networkChanged() {}
    }
}
