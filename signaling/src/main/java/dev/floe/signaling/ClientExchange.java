package dev.floe.signaling;

import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import io.netty.util.concurrent.Promise;

/**
 * One exchange of descriptions over a client's connection.
 *
 * @param remote the other side's description
 * @param theirs hears of the other side's candidates once {@code remote} is there, or null if {@code remote} is to have
 *     them all
 * @param authenticated what a password has to do with it, or null if there is none
 */
record ClientExchange(
        IceDescription local,
        Promise<IceDescription> remote,
        TrickleExchange.Candidates theirs,
        AuthenticatedExchange authenticated) {

    boolean isWhole() {
        return theirs == null;
    }

    boolean isAuthenticated() {
        return authenticated != null;
    }
}
