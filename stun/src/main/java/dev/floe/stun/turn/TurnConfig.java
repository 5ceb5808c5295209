package dev.floe.stun.turn;

import java.util.Objects;

/**
 * What a {@link TurnClientHandler} is to do.
 *
 * @param families of which address families relayed addresses are wanted
 * @param isMobile whether to ask for a ticket with which the allocation follows the client to another address (RFC 8016)
 */
public record TurnConfig(TurnServer server, TurnFamilies families, boolean isMobile) {
    public TurnConfig {
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(families, "families");
    }

    /** Both families, no mobility. */
    public static TurnConfig of(TurnServer server) {
        return builder(server).build();
    }

    public static Builder builder(TurnServer server) {
        return new Builder(server);
    }

    /** What differs from {@link TurnConfig#of}. */
    public static final class Builder {
        private final TurnServer server;
        private TurnFamilies families = TurnFamilies.BOTH;
        private boolean isMobile;

        private Builder(TurnServer server) {
            this.server = server;
        }

        public Builder families(TurnFamilies families) {
            this.families = families;
            return this;
        }

        /** Asks for mobility (RFC 8016); a server that does not offer it is used without. */
        public Builder mobile() {
            isMobile = true;
            return this;
        }

        public TurnConfig build() {
            return new TurnConfig(server, families, isMobile);
        }
    }
}
