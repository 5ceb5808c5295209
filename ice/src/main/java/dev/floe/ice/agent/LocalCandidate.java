package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import java.net.InetSocketAddress;

/**
 * A local candidate together with its base.
 *
 * @param localPreference the preference that went into its priority, and goes into that of what is learned through it
 */
record LocalCandidate(Candidate candidate, InetSocketAddress base, int localPreference) {

    boolean isOfFamilyOf(InetSocketAddress other) {
        return candidate.address().getAddress().getClass() == other.getAddress().getClass();
    }
}
