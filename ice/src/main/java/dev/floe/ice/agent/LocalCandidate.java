package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import java.net.InetSocketAddress;

/**
 * A local candidate together with its base.
 *
 * @param localPreference the preference that went into its priority, and goes into that of what is learned through it
 */
record LocalCandidate(Candidate candidate, InetSocketAddress base, int localPreference) {

    /** Whether the two can form a pair; with a name that is not resolved yet none can. */
    boolean isOfFamilyOf(InetSocketAddress other) {
        return !other.isUnresolved()
                && candidate.address().getAddress().getClass()
                        == other.getAddress().getClass();
    }
}
