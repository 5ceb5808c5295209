package dev.floe.ice;

import io.netty.util.concurrent.Future;

/**
 * The one thing that a session needs from the outside: a way to tell the other side this side's whole description and to
 * learn theirs. {@code SignalingClient::exchange} is one; anything that carries a few hundred bytes each way will do. One
 * that can carry candidates later, too, is a {@link TrickleExchange}.
 */
@FunctionalInterface
public interface DescriptionExchange {

    /**
     * Sends ours, and completes with theirs. Called on an event loop, which it must not block; completes on any thread.
     *
     * @param local this side's description, with all of its candidates
     * @return the other side's description; fails if there will be none
     */
    Future<IceDescription> exchange(IceDescription local);
}
