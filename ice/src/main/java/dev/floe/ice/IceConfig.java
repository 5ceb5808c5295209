package dev.floe.ice;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How an agent is to behave.
 *
 * @param role the role to start in; the offering side controls (RFC 8445 §6.1.1)
 * @param stunServers servers that tell server-reflexive addresses; unresolved ones are looked up off the event loop
 * @param pacing Ta, the time between two requests (RFC 8445 §14.2), at least 5 ms; with a peer that proposes none or a
 *     longer one, the longer of theirs and 50 ms holds
 * @param gatherTimeout how long an unreachable STUN server may hold up the description
 * @param options what to offer the other side, see {@link IceDescription#options()}
 */
public record IceConfig(
        IceRole role,
        List<InetSocketAddress> stunServers,
        Duration pacing,
        Duration gatherTimeout,
        Set<String> options) {

    private static final int MIN_PACING_MILLIS = 5;

    /** @throws IllegalArgumentException for a pacing under 5 ms or a time-out that is not positive */
    public IceConfig {
        if (pacing.toMillis() < MIN_PACING_MILLIS) {
            throw new IllegalArgumentException("pacing " + pacing.toMillis() + " ms, expected at least 5 ms");
        }
        if (gatherTimeout.isNegative() || gatherTimeout.isZero()) {
            throw new IllegalArgumentException("gather time-out " + gatherTimeout + ", expected a positive time");
        }
        stunServers = List.copyOf(stunServers);
        options = Set.copyOf(options);
    }

    /** A configuration with the defaults: Ta of 5 ms, 1 s to gather, nominations that can be revised. */
    public static IceConfig of(IceRole role, List<InetSocketAddress> stunServers) {
        Set<String> options = new LinkedHashSet<>();
        options.add(IceDescription.RENOMINATION);
        options.add(IceDescription.CONTINUAL_GATHERING);
        options.add(IceDescription.icePacing(MIN_PACING_MILLIS));
        return new IceConfig(role, stunServers, Duration.ofMillis(MIN_PACING_MILLIS), Duration.ofSeconds(1), options);
    }

    /** The same with these options. */
    public IceConfig withOptions(Set<String> options) {
        return new IceConfig(role, stunServers, pacing, gatherTimeout, options);
    }
}
