package dev.floe.ice;

import dev.floe.stun.turn.TurnConfig;
import dev.floe.stun.turn.TurnServer;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How an agent is to behave. Made by {@link #builder}, whose defaults are those of {@link #of}.
 *
 * @param role the role to start in; the offering side controls (RFC 8445 §6.1.1)
 * @param stunServers servers that tell server-reflexive addresses; unresolved ones are looked up off the event loop
 * @param turnServers relays; with each a {@link dev.floe.stun.turn.TurnClientHandler} comes first into the pipeline when
 *     gathering starts
 * @param turnConfig says how each of them is to be used: whose certificates are trusted, which families, mobility
 * @param pacing Ta, the time between two requests (RFC 8445 §14.2), at least 5 ms; with a peer that proposes none or a
 *     longer one, the longer of theirs and 50 ms holds
 * @param gatherTimeout how long an unreachable STUN server may hold up the description; a relay is waited for at least
 *     5 s, in which candidates trickle where both sides can
 * @param options what to offer the other side, see {@link IceDescription#options()}
 * @param addressPolicy which of this side's addresses the other side may learn
 * @param hidesHostAddresses whether host candidates are told under mDNS names that only the local network resolves
 * @param interfaceFilter the interfaces whose addresses may be host candidates, and on which multicast DNS may be spoken;
 *     asked off the event loop
 * @param addressFilter the addresses that may be host candidates; asked off the event loop
 * @param natMapping the external addresses that are known beforehand
 * @param directPairsOnRequest whether pairs without a relay are formed and checked only as
 *     {@link IceHandler#checkDirect} names them
 * @param socketInitializer is given each socket on its event loop: the channel itself when gathering starts, all that ICE
 *     puts into its pipeline being there, and each one beside it before that is bound
 */
public record IceConfig(
        IceRole role,
        List<InetSocketAddress> stunServers,
        List<TurnServer> turnServers,
        Function<TurnServer, TurnConfig> turnConfig,
        Duration pacing,
        Duration gatherTimeout,
        Set<String> options,
        AddressPolicy addressPolicy,
        boolean hidesHostAddresses,
        Predicate<NetworkInterface> interfaceFilter,
        Predicate<InetAddress> addressFilter,
        NatMapping natMapping,
        boolean directPairsOnRequest,
        Consumer<Channel> socketInitializer) {

    private static final int MIN_PACING_MILLIS = 5;

    /**
     * A configuration; {@link #builder} has the defaults.
     *
     * @param role the role to start in; the offering side controls (RFC 8445 §6.1.1)
     * @param stunServers servers that tell server-reflexive addresses; unresolved ones are looked up off the event loop
     * @param turnServers relays; with each a {@link dev.floe.stun.turn.TurnClientHandler} comes first into the pipeline
     *     when gathering starts
     * @param turnConfig says how each of them is to be used: whose certificates are trusted, which families, mobility
     * @param pacing Ta, the time between two requests (RFC 8445 §14.2), at least 5 ms; with a peer that proposes none
     *     or a longer one, the longer of theirs and 50 ms holds
     * @param gatherTimeout how long an unreachable STUN server may hold up the description; a relay is waited for at
     *     least 5 s, in which candidates trickle where both sides can
     * @param options what to offer the other side, see {@link IceDescription#options()}
     * @param addressPolicy which of this side's addresses the other side may learn
     * @param hidesHostAddresses whether host candidates are told under mDNS names that only the local network resolves
     * @param interfaceFilter the interfaces whose addresses may be host candidates, and on which multicast DNS may be
     *     spoken; asked off the event loop
     * @param addressFilter the addresses that may be host candidates; asked off the event loop
     * @param natMapping the external addresses that are known beforehand
     * @param directPairsOnRequest whether pairs without a relay are formed and checked only as
     *     {@link IceHandler#checkDirect} names them
     * @param socketInitializer is given each socket on its event loop: the channel itself when gathering starts, all
     *     that ICE puts into its pipeline being there, and each one beside it before that is bound
     * @throws IllegalArgumentException for a pacing under 5 ms, a time-out that is not positive, or host candidates
     *     that are to be both hidden and told under an external address
     */
    public IceConfig {
        if (pacing.toMillis() < MIN_PACING_MILLIS) {
            throw new IllegalArgumentException("pacing " + pacing.toMillis() + " ms, expected at least 5 ms");
        }
        if (gatherTimeout.isNegative() || gatherTimeout.isZero()) {
            throw new IllegalArgumentException("gather time-out " + gatherTimeout + ", expected a positive time");
        }
        if (hidesHostAddresses && natMapping.type() == CandidateType.HOST && !natMapping.isEmpty()) {
            throw new IllegalArgumentException("host addresses hidden and mapped at once, expected one of the two");
        }
        stunServers = List.copyOf(stunServers);
        turnServers = List.copyOf(turnServers);
        options = Set.copyOf(options);
    }

    /**
     * {@return a configuration with the defaults: Ta of 5 ms, 1 s to gather, nominations that can be revised}
     *
     * @param role to begin with; a conflict may switch it
     * @param stunServers who is asked for this side's addresses, resolved or not
     */
    public static IceConfig of(IceRole role, List<InetSocketAddress> stunServers) {
        return builder(role).stunServers(stunServers).build();
    }

    /**
     * {@return a builder that starts from the defaults, without any server}
     *
     * @param role to begin with; a conflict may switch it
     */
    public static Builder builder(IceRole role) {
        return new Builder(role);
    }

    /** {@return whether the agent answers checks and sends none (RFC 8445 §2.5)} */
    public boolean isLite() {
        return options.contains(IceDescription.ICE_LITE);
    }

    /**
     * {@return the same with these options}
     *
     * @param options instead of those of before
     */
    public IceConfig withOptions(Set<String> options) {
        return toBuilder().options(options).build();
    }

    /** {@return a builder that starts from this configuration} */
    public Builder toBuilder() {
        return builder(role)
                .stunServers(stunServers)
                .turnServers(turnServers)
                .turnConfig(turnConfig)
                .pacing(pacing)
                .gatherTimeout(gatherTimeout)
                .options(options)
                .addressPolicy(addressPolicy)
                .hidesHostAddresses(hidesHostAddresses)
                .interfaceFilter(interfaceFilter)
                .addressFilter(addressFilter)
                .natMapping(natMapping)
                .directPairsOnRequest(directPairsOnRequest)
                .socketInitializer(socketInitializer);
    }

    /** Collects settings; {@link #build} judges them. */
    public static final class Builder {

        private final IceRole role;
        private List<InetSocketAddress> stunServers = List.of();
        private List<TurnServer> turnServers = List.of();
        private Function<TurnServer, TurnConfig> turnConfig =
                server -> TurnConfig.builder(server).mobile().build();
        private Duration pacing = Duration.ofMillis(MIN_PACING_MILLIS);
        private Duration gatherTimeout = Duration.ofSeconds(1);
        private Set<String> options;
        private boolean isLite;
        private AddressPolicy addressPolicy = AddressPolicy.DEFAULT_ROUTE;
        private boolean hidesHostAddresses;
        private Predicate<NetworkInterface> interfaceFilter = any -> true;
        private Predicate<InetAddress> addressFilter = any -> true;
        private NatMapping natMapping = NatMapping.NONE;
        private boolean directPairsOnRequest;
        private Consumer<Channel> socketInitializer = socket -> {};

        private Builder(IceRole role) {
            this.role = role;
        }

        /**
         * Who is asked for this side's addresses. Default: nobody.
         *
         * @param stunServers resolved or not
         * @return this builder
         */
        public Builder stunServers(List<InetSocketAddress> stunServers) {
            this.stunServers = stunServers;
            return this;
        }

        /**
         * Who lends relayed addresses. Default: nobody.
         *
         * @param turnServers with the credentials for them
         * @return this builder
         */
        public Builder turnServers(List<TurnServer> turnServers) {
            this.turnServers = turnServers;
            return this;
        }

        /**
         * How each TURN server is used. Default: {@link TurnConfig#of} with mobility, so that a relayed address
         * outlives a change of network.
         *
         * @param turnConfig called once for each server
         * @return this builder
         */
        public Builder turnConfig(Function<TurnServer, TurnConfig> turnConfig) {
            this.turnConfig = turnConfig;
            return this;
        }

        /**
         * The time between two requests, Ta (RFC 8445 §14.2). Default: 5 ms, which is also the least.
         *
         * @param pacing 5 ms or more
         * @return this builder
         */
        public Builder pacing(Duration pacing) {
            this.pacing = pacing;
            return this;
        }

        /**
         * How long an unreachable STUN server may hold up the description. Default: 1 s.
         *
         * @param gatherTimeout more than nothing
         * @return this builder
         */
        public Builder gatherTimeout(Duration gatherTimeout) {
            this.gatherTimeout = gatherTimeout;
            return this;
        }

        /**
         * Makes a lite agent (RFC 8445 §2.5): one on a public address, which answers checks, sends none, and leaves it to
         * the other side to find the way. Default: no. Two lite agents do not find each other.
         *
         * @param isLite whether it is to be a lite agent
         * @return this builder
         */
        public Builder lite(boolean isLite) {
            this.isLite = isLite;
            return this;
        }

        /**
         * What to offer the other side. Default: everything that Floe can do, and the pacing.
         *
         * @param options as of {@link IceDescription#options()}
         * @return this builder
         */
        public Builder options(Set<String> options) {
            this.options = options;
            return this;
        }

        /**
         * Which of this side's addresses the other side may learn (RFC 8828). Default:
         * {@link AddressPolicy#DEFAULT_ROUTE}.
         *
         * @param addressPolicy one of the modes
         * @return this builder
         */
        public Builder addressPolicy(AddressPolicy addressPolicy) {
            this.addressPolicy = addressPolicy;
            return this;
        }

        /**
         * Whether host candidates are told under mDNS names. Default: false.
         *
         * @param hidesHostAddresses true to hide them
         * @return this builder
         */
        public Builder hidesHostAddresses(boolean hidesHostAddresses) {
            this.hidesHostAddresses = hidesHostAddresses;
            return this;
        }

        /**
         * Which interfaces are used. Default: every one.
         *
         * @param interfaceFilter asked off the event loop
         * @return this builder
         */
        public Builder interfaceFilter(Predicate<NetworkInterface> interfaceFilter) {
            this.interfaceFilter = interfaceFilter;
            return this;
        }

        /**
         * Which addresses may be host candidates. Default: every one.
         *
         * @param addressFilter asked off the event loop
         * @return this builder
         */
        public Builder addressFilter(Predicate<InetAddress> addressFilter) {
            this.addressFilter = addressFilter;
            return this;
        }

        /**
         * External addresses that are known beforehand. Default: none.
         *
         * @param natMapping see there
         * @return this builder
         */
        public Builder natMapping(NatMapping natMapping) {
            this.natMapping = natMapping;
            return this;
        }

        /**
         * Whether the agent by itself pairs relays with relays alone, and checks other pairs only as
         * {@link IceHandler#checkDirect} names them. Its description then has relayed candidates alone, though all are
         * told by events, and what it may send to addresses that have not answered is bounded more tightly. Default:
         * false.
         *
         * @param directPairsOnRequest true to leave the direct pairs to whoever calls that
         * @return this builder
         */
        public Builder directPairsOnRequest(boolean directPairsOnRequest) {
            this.directPairsOnRequest = directPairsOnRequest;
            return this;
        }

        /**
         * What is done with each socket. Default: nothing. A handler that this puts first into the pipeline sees what
         * really goes over the wire: what is for a TURN server as it is wrapped, and nothing of what goes by another
         * socket, except that the channel's own hears what comes to those beside it.
         *
         * @param socketInitializer called on the socket's event loop, see the record for when
         * @return this builder
         */
        public Builder socketInitializer(Consumer<Channel> socketInitializer) {
            this.socketInitializer = socketInitializer;
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException for a setting out of its bounds
         */
        public IceConfig build() {
            return new IceConfig(
                    role,
                    stunServers,
                    turnServers,
                    turnConfig,
                    pacing,
                    gatherTimeout,
                    options == null ? everythingWeCan() : options,
                    addressPolicy,
                    hidesHostAddresses,
                    interfaceFilter,
                    addressFilter,
                    natMapping,
                    directPairsOnRequest,
                    socketInitializer);
        }

        private Set<String> everythingWeCan() {
            Set<String> all = new LinkedHashSet<>();
            if (isLite) {
                all.add(IceDescription.ICE_LITE);
            }
            all.add(IceDescription.RENOMINATION);
            all.add(IceDescription.CONTINUAL_GATHERING);
            all.add(IceDescription.TRICKLE);
            all.add(IceDescription.icePacing((int) pacing.toMillis()));
            return all;
        }
    }
}
