package dev.floe.stun;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where a {@link StunServer} listens and what it allows.
 *
 * @param address where to listen; the wildcard address stands for all that the machine has when the server starts, and
 *     port 0 lets the system choose
 * @param alternate another address of the machine and another port, with which the server can tell clients what their
 *     NATs do (RFC 5780)
 * @param requestsPerSecond how many requests of one source are answered in the long run; a source is an IPv4 address or
 *     an IPv6 /64
 * @param burst how many of them at once
 */
public record StunServerConfig(
        InetSocketAddress address, Optional<InetSocketAddress> alternate, int requestsPerSecond, int burst) {

    /**
     * A configuration; {@link #builder} has the defaults.
     *
     * @param address where to listen; the wildcard address stands for all that the machine has when the server starts,
     *     and port 0 lets the system choose
     * @param alternate another address of the machine and another port, with which the server can tell clients what
     *     their NATs do (RFC 5780)
     * @param requestsPerSecond how many requests of one source are answered in the long run; a source is an IPv4
     *     address or an IPv6 /64
     * @param burst how many of them at once
     * @throws IllegalArgumentException for an unresolved address, a limit that is not positive, or an alternate that
     *     does not differ from the address in both IP address and port, or not within one family
     */
    public StunServerConfig {
        requireResolved(address);
        alternate.ifPresent(other -> requireAlternate(address, other));
        if (requestsPerSecond < 1 || burst < 1) {
            throw new IllegalArgumentException("requestsPerSecond and burst must be positive");
        }
    }

    /**
     * {@return a builder with a limit that a thousand clients behind one NAT can live with}
     *
     * @param address where to listen; the wildcard address stands for all of the machine's, and port 0 lets the system
     *     choose
     */
    public static Builder builder(InetSocketAddress address) {
        return new Builder(address);
    }

    private static void requireResolved(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("address " + address.getHostString() + " is not known");
        }
    }

    private static void requireAlternate(InetSocketAddress address, InetSocketAddress alternate) {
        requireResolved(alternate);
        if (address.getAddress().isAnyLocalAddress()
                || address.getAddress().getClass() != alternate.getAddress().getClass()) {
            throw new IllegalArgumentException("alternate " + alternate.getHostString()
                    + " needs an address of the same family to go with, not " + address.getHostString());
        }
        if (address.getAddress().equals(alternate.getAddress())
                || (address.getPort() == alternate.getPort() && address.getPort() != 0)) {
            throw new IllegalArgumentException(
                    "alternate " + alternate + " must be another address and another port than " + address);
        }
    }

    /** See {@link StunServerConfig} for what each means. */
    public static final class Builder {
        private final InetSocketAddress address;
        private Optional<InetSocketAddress> alternate = Optional.empty();
        private int requestsPerSecond = 100;
        private int burst = 500;

        private Builder(InetSocketAddress address) {
            this.address = address;
        }

        /**
         * Makes it a server of which clients can ask what their NATs do (RFC 5780).
         *
         * @param other another address of the machine and another port
         * @return this builder
         */
        public Builder alternate(InetSocketAddress other) {
            alternate = Optional.of(other);
            return this;
        }

        /**
         * How many requests of one source are answered in the long run; 100 by default.
         *
         * @param requests a second, one or more
         * @return this builder
         */
        public Builder requestsPerSecond(int requests) {
            requestsPerSecond = requests;
            return this;
        }

        /**
         * How many requests of one source are answered at once; 500 by default.
         *
         * @param requests one or more
         * @return this builder
         */
        public Builder burst(int requests) {
            burst = requests;
            return this;
        }

        /**
         * {@return the configuration}
         *
         * @throws IllegalArgumentException as the {@linkplain StunServerConfig#StunServerConfig constructor}
         */
        public StunServerConfig build() {
            return new StunServerConfig(address, alternate, requestsPerSecond, burst);
        }
    }
}
