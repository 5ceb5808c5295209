package dev.floe.ice;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How an agent is to behave. Made by {@link #builder}, whose defaults are those of {@link #of}.
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
        return builder(role).stunServers(stunServers).build();
    }

    /** Starts from the defaults, without any server. */
    public static Builder builder(IceRole role) {
        return new Builder(role);
    }

    /** The same with these options. */
    public IceConfig withOptions(Set<String> options) {
        return new IceConfig(role, stunServers, pacing, gatherTimeout, options);
    }

    /** Collects settings; {@link #build} judges them. */
    public static final class Builder {

        private final IceRole role;
        private List<InetSocketAddress> stunServers = List.of();
        private Duration pacing = Duration.ofMillis(MIN_PACING_MILLIS);
        private Duration gatherTimeout = Duration.ofSeconds(1);
        private Set<String> options;

        private Builder(IceRole role) {
            this.role = role;
        }

        /** Default: none. */
        public Builder stunServers(List<InetSocketAddress> stunServers) {
            this.stunServers = stunServers;
            return this;
        }

        /** Default: 5 ms, which is also the least. */
        public Builder pacing(Duration pacing) {
            this.pacing = pacing;
            return this;
        }

        /** Default: 1 s. */
        public Builder gatherTimeout(Duration gatherTimeout) {
            this.gatherTimeout = gatherTimeout;
            return this;
        }

        /** Default: everything that Floe can do, and the pacing. */
        public Builder options(Set<String> options) {
            this.options = options;
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @throws IllegalArgumentException for a setting out of its bounds
         */
        public IceConfig build() {
            return new IceConfig(
                    role, stunServers, pacing, gatherTimeout, options == null ? everythingWeCan() : options);
        }

        private Set<String> everythingWeCan() {
            Set<String> all = new LinkedHashSet<>();
            all.add(IceDescription.RENOMINATION);
            all.add(IceDescription.CONTINUAL_GATHERING);
            all.add(IceDescription.icePacing((int) pacing.toMillis()));
            return all;
        }
    }
}
