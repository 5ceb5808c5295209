package dev.floe.ice.agent;

import dev.floe.ice.IceRole;
import dev.floe.stun.transaction.StunTransaction;

/**
 * One connectivity check.
 *
 * @param role the role that its request claims, which is what a 487 speaks of
 * @param nomination the nomination that its request carries, or {@link CheckedPair#NOT_NOMINATED}
 * @param isHurried whether it is sent again as often as if somebody waited for its answer
 */
record Check(StunTransaction transaction, IceRole role, long nomination, boolean isHurried) {

    boolean nominates() {
        return nomination != CheckedPair.NOT_NOMINATED;
    }
}
