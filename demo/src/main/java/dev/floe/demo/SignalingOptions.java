package dev.floe.demo;

import dev.floe.signaling.SignalingServerConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options of a signaling server. */
final class SignalingOptions {

    private static final int DEFAULT_PORT = 8765;

    @Option(names = "--host", description = "The address to listen on (default: all).", paramLabel = "ADDRESS")
    private InetAddress host = new InetSocketAddress(0).getAddress();

    @Option(
            names = "--port",
            converter = Port.class,
            description = "The signaling server's port, 0 for any (default: $$PORT or 8765).")
    private Integer port;

    @ArgGroup(exclusive = false)
    private Tls tls;

    @Option(names = "--token", description = "Let in only clients that know it: ws://HOST?token=TOKEN.")
    private String token;

    @Option(
            names = "--origin",
            paramLabel = "ORIGIN",
            description = "A web origin whose pages may connect, repeatable (default: all).")
    private Set<String> origins = new LinkedHashSet<>();

    @Option(names = "--behind-proxy", description = "Take a client's address from the last entry of X-Forwarded-For.")
    private boolean isBehindProxy;

    @Option(
            names = "--redis",
            paramLabel = "URI",
            description = "Share the rooms with other nodes over this Redis (default: rooms of this process alone).")
    private URI redis;

    @Option(names = "--room-size", paramLabel = "PEERS", description = "The most peers in a room (default: 2).")
    private int roomSize = 2;

    @Option(
            names = "--grace",
            paramLabel = "SECONDS",
            converter = Seconds.class,
            description = "How long a peer that has lost its connection may take to come back (default: 15).")
    private Duration grace = Duration.ofSeconds(15);

    @Option(names = "--max-clients", paramLabel = "N", description = "The most connections at a time (default: 20000).")
    private int maxClients = 20_000;

    @Option(names = "--max-rooms", paramLabel = "N", description = "The most rooms at a time (default: 10000).")
    private int maxRooms = 10_000;

    @Option(
            names = "--address-clients",
            paramLabel = "N",
            description = "The most connections from one address (default: 1000, from this machine any).")
    private Optional<Integer> addressClients = Optional.empty();

    @Option(
            names = "--address-rooms",
            paramLabel = "N",
            description = "The most places in rooms that one address has (default: 1000, this machine any).")
    private Optional<Integer> addressRooms = Optional.empty();

    @Option(
            names = "--address-messages",
            paramLabel = "N",
            description = "The most messages a second from one address (default: 200, from this machine any).")
    private Optional<Integer> addressMessages = Optional.empty();

    /** Both or neither. */
    static final class Tls {
        @Option(
                names = "--tls-cert",
                paramLabel = "FILE",
                required = true,
                description = "Serve wss with these certificates (PEM), read again when they change.")
        private Path certificates;

        @Option(names = "--tls-key", paramLabel = "FILE", required = true, description = "Their private key (PEM).")
        private Path key;
    }

    /** Where the server listens. */
    InetAddress host() {
        return host;
    }

    /** @throws IllegalArgumentException for a port in the environment that is none, or a limit that is not positive */
    SignalingServerConfig toConfig() {
        return SignalingServerConfig.builder(new InetSocketAddress(host, port == null ? defaultPort() : port))
                .tls(tls == null ? null : new SignalingServerConfig.Tls(tls.certificates, tls.key))
                .token(token)
                .origins(origins)
                .behindProxy(isBehindProxy)
                .redis(redis)
                .roomCapacity(roomSize)
                .graceTime(grace)
                .maxClients(maxClients)
                .maxRooms(maxRooms)
                .perAddress(perAddress())
                .build();
    }

    /** A limit that somebody asks for holds for everybody. */
    private SignalingServerConfig.PerAddress perAddress() {
        boolean isAskedFor = addressClients.isPresent() || addressRooms.isPresent() || addressMessages.isPresent();
        SignalingServerConfig.PerAddress byDefault = SignalingServerConfig.PerAddress.DEFAULT;
        return new SignalingServerConfig.PerAddress(
                addressClients.orElse(byDefault.clients()),
                addressRooms.orElse(byDefault.rooms()),
                addressMessages.orElse(byDefault.messagesPerSecond()),
                isAskedFor);
    }

    private static int defaultPort() {
        String fromEnvironment = System.getenv("PORT");
        if (fromEnvironment == null || fromEnvironment.isBlank()) {
            return DEFAULT_PORT;
        }
        try {
            return new Port().convert(fromEnvironment);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("in the environment, " + e.getMessage(), e);
        }
    }
}
