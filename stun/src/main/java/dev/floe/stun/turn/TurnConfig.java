package dev.floe.stun.turn;

import dev.floe.stun.StunAttribute.Lifetime;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** What a {@link TurnClientHandler} is to do. */
public final class TurnConfig {
    private final TurnServer server;
    private final TurnFamilies families;
    private final boolean isMobile;
    private final Duration lifetime;
    private final SslContext sslContext;

    private TurnConfig(Builder builder) {
        server = builder.server;
        families = builder.families;
        isMobile = builder.isMobile;
        lifetime = builder.lifetime;
        sslContext = builder.sslContext == null && server.transport() == TurnTransport.TLS
                ? defaultSslContext()
                : builder.sslContext;
    }

    /**
     * {@return both families, no mobility, and for TLS the trust of the JDK}
     *
     * @param server where to allocate
     */
    public static TurnConfig of(TurnServer server) {
        return builder(server).build();
    }

    /**
     * {@return a builder that starts from {@link #of}}
     *
     * @param server where to allocate
     */
    public static Builder builder(TurnServer server) {
        return new Builder(server);
    }

    /** {@return the server as configured; it may send the client to another} */
    public TurnServer server() {
        return server;
    }

    /** {@return of which address families relayed addresses are wanted} */
    public TurnFamilies families() {
        return families;
    }

    /** {@return whether the allocation is to follow the client to another address (RFC 8016)} */
    public boolean isMobile() {
        return isMobile;
    }

    /** Whether the transport to the server is. */
    boolean isReliable() {
        return server.transport() != TurnTransport.UDP;
    }

    /** What is asked for, if anything. */
    Optional<Lifetime> lifetime() {
        return Optional.ofNullable(lifetime).map(wanted -> new Lifetime(wanted.toSeconds()));
    }

    /** Null unless the transport is TLS. */
    SslContext sslContext() {
        return sslContext;
    }

    private static SslContext defaultSslContext() {
        try {
            return SslContextBuilder.forClient().build();
        } catch (SSLException e) {
            throw new IllegalStateException("this JDK has no TLS for clients", e);
        }
    }

    /** What differs from {@link TurnConfig#of}. */
    public static final class Builder {
        private final TurnServer server;
        private TurnFamilies families = TurnFamilies.BOTH;
        private boolean isMobile;
        private Duration lifetime;
        private SslContext sslContext;

        private Builder(TurnServer server) {
            this.server = Objects.requireNonNull(server, "server");
        }

        /**
         * Of which address families relayed addresses are wanted; both by default.
         *
         * @param families one of them or both
         * @return this builder
         */
        public Builder families(TurnFamilies families) {
            this.families = Objects.requireNonNull(families, "families");
            return this;
        }

        /**
         * Asks for mobility (RFC 8016); a server that does not offer it is used without.
         *
         * @return this builder
         */
        public Builder mobile() {
            isMobile = true;
            return this;
        }

        /**
         * How long the allocation is to outlive a client that has died; the server's own choice unless given, and within
         * the server's bounds. A living client refreshes it, however short.
         *
         * @param lifetime in whole seconds, one or more
         * @return this builder
         */
        public Builder lifetime(Duration lifetime) {
            if (lifetime.toSeconds() < 1 || lifetime.toSeconds() > 0xFFFF_FFFFL) {
                throw new IllegalArgumentException("the lifetime is " + lifetime + ", it must be a second or more");
            }
            this.lifetime = lifetime;
            return this;
        }

        /**
         * How the server is authenticated over TLS.
         *
         * @param sslContext for clients; that the certificate names the server is checked in any case
         * @return this builder
         */
        public Builder sslContext(SslContext sslContext) {
            this.sslContext = Objects.requireNonNull(sslContext, "sslContext");
            return this;
        }

        /**
         * {@return the configuration} Reads the JDK's trust store if the transport is TLS and nothing else was given,
         * so not on an event loop.
         */
        public TurnConfig build() {
            return new TurnConfig(this);
        }
    }
}
