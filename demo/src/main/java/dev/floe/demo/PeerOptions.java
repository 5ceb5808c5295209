package dev.floe.demo;

import dev.floe.demo.report.PeerReport;
import dev.floe.demo.report.Report;
import dev.floe.demo.report.Timeline;
import dev.floe.ice.AddressPolicy;
import dev.floe.quic.ConnectMethod;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.PeerTrust;
import dev.floe.signaling.RelayRole;
import dev.floe.signaling.SignalMessage;
import dev.floe.signaling.SignalingClient;
import dev.floe.signaling.SignalingClientConfig;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that all peers share. */
final class PeerOptions {

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    /** Nobody waits for that long. */
    static final Duration FOR_EVER = Duration.ofDays(10_000);

    @Mixin
    private RendezvousOptions rendezvous;

    @Option(
            names = "--seed-signaling",
            description = "Speak the plain relay's protocol: everybody hears everybody, there are no rooms.")
    private boolean isSeedSignaling;

    @Option(names = "--relay-only", description = "Send and be reached through TURN servers alone; needs --turn.")
    private boolean isRelayOnly;

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS[:PORT]",
            converter = BindAddress.class,
            description = "Where to bind the UDP port (default: all addresses, any port).")
    private InetSocketAddress bind = new InetSocketAddress(0);

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            converter = Seconds.class,
            description = "How long connecting may take (default: 30).")
    private Duration timeout;

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            converter = MethodWord.class,
            description = "How to find a way: ice, punch or draft, on both sides the same (default: ice).")
    private ConnectMethod method = ConnectMethod.ICE;

    @Option(names = "--early", description = "As the answerer, start QUIC half a round trip early.")
    private boolean isEarly;

    @Option(
            names = "--identity",
            paramLabel = "FILE",
            description = "This peer's key and certificate, made if missing (default: in the config folder).")
    private Path identity;

    @ArgGroup
    private Trust trust = new Trust();

    @Option(names = "--alpn", paramLabel = "NAME", description = "The application protocol (default: floe).")
    private String alpn = "floe";

    @Mixin
    private ObservationOptions observation;

    /** How the other side is judged; by default, by the fingerprint in its description. */
    static final class Trust {
        @Option(
                names = "--pin",
                paramLabel = "FINGERPRINT",
                converter = Pin.class,
                description = "Accept only the peer whose certificate has this SHA-256.")
        private PeerTrust pin;

        @Option(
                names = "--trust-ca",
                paramLabel = "FILE",
                description = "Accept a server whose certificate this CA has signed.")
        private Path ca;

        @Option(names = "--no-peer-auth", description = "Accept anybody, if the other side names no fingerprint.")
        private boolean isNone;

        boolean isOfFingerprints() {
            return ca == null && !isNone;
        }

        PeerTrust toPeerTrust() throws IOException {
            if (pin != null) {
                return pin;
            } else if (ca != null) {
                return PeerTrust.ca(ca);
            }
            return isNone ? PeerTrust.none() : PeerTrust.described();
        }
    }

    /**
     * Joins the room, or the relay, at the signaling server.
     *
     * @throws IllegalArgumentException for options that make no sense together
     */
    Future<SignalingClient> join(EventLoopGroup group, String room, RelayRole role) {
        return join(group, room, role, SignalingClientConfig.DEFAULT);
    }

    /** The same, to stay there however long the server is away meanwhile. */
    Future<SignalingClient> joinToStay(EventLoopGroup group, String room, RelayRole role) {
        return join(group, room, role, SignalingClientConfig.DEFAULT.withReconnectTimeout(FOR_EVER));
    }

    /**
     * Has the report told to those who look on; to be called first.
     *
     * @throws IOException if the page or a file that the options ask for cannot be had
     */
    void observe(Report report) throws IOException {
        observation.observe(report);
    }

    /** Reads or makes the identity. */
    PeerIdentity loadIdentity() throws IOException {
        return PeerIdentity.loadOrCreate(identity == null ? PeerIdentity.defaultPath() : identity);
    }

    /** A connection's configuration, reported to {@code report}. */
    PeerConfig.Builder toConfig(EventLoopGroup group, PeerIdentity identity, PeerReport report) throws IOException {
        PeerConfig.Builder config = PeerConfig.builder(group, identity)
                .trust(trust.toPeerTrust())
                .alpn(alpn)
                .stunServers(rendezvous.stunServers())
                .turnServers(rendezvous.turnServers())
                .ice(settings -> isRelayOnly ? settings.addressPolicy(AddressPolicy.RELAY_ONLY) : settings)
                .bindAddress(bind)
                .method(method)
                .earlyStart(isEarly)
                // From the start of the process, of which some is over.
                .timeout(timeout().minus(Report.elapsed()))
                .observer(new Timeline(report));
        return observation.recorded(config, "floe");
    }

    /**
     * Joins a room, and hears of all that is said in it; it stays there however long the server is away.
     *
     * @throws IllegalArgumentException for options that make no sense together
     */
    Future<SignalingClient> joinRoom(EventLoopGroup group, String room, Consumer<SignalMessage> listener) {
        requireThatOptionsGoTogether();
        if (isSeedSignaling) {
            throw new IllegalArgumentException("--seed-signaling has no rooms, and so no codes");
        }
        if (!trust.isOfFingerprints()) {
            throw new IllegalArgumentException(
                    "a code vouches for a fingerprint, which --trust-ca and --no-peer-auth would have passed over");
        }
        return SignalingClient.joinRoom(
                group,
                List.of(rendezvous.signal()),
                room,
                SignalingClientConfig.DEFAULT.withReconnectTimeout(FOR_EVER),
                listener);
    }

    /** As {@link RendezvousOptions#signalOption}. */
    String signalOption() {
        return rendezvous.signalOption();
    }

    /** Whether the way is to be found by ICE. */
    boolean isIce() {
        return method == ConnectMethod.ICE;
    }

    InetSocketAddress bindAddress() {
        return bind;
    }

    /** @throws IllegalArgumentException if peer after peer is to be met at one port by a method that takes one for each */
    void requireForKeeping() {
        if (method != ConnectMethod.ICE && bind.getPort() != 0) {
            throw new IllegalArgumentException(
                    "--keep takes a port for each peer by --method " + method.word() + ", so --bind can name none");
        }
    }

    /** How long connecting may take. */
    Duration timeout() {
        return timeout == null ? DEFAULT_TIMEOUT : timeout;
    }

    /** Whether somebody has said so. */
    boolean hasTimeout() {
        return timeout != null;
    }

    private Future<SignalingClient> join(
            EventLoopGroup group, String room, RelayRole role, SignalingClientConfig config) {
        requireThatOptionsGoTogether();
        if (isSeedSignaling && method != ConnectMethod.ICE) {
            throw new IllegalArgumentException(
                    "--seed-signaling carries nothing but candidates, and so takes --method ice");
        }
        if (method == ConnectMethod.PUNCH && !trust.isOfFingerprints()) {
            throw new IllegalArgumentException(
                    "--method punch has nothing but fingerprints to tell a peer from a stranger,"
                            + " which --trust-ca and --no-peer-auth do without");
        }
        return isSeedSignaling
                ? SignalingClient.joinRelay(group, rendezvous.signal(), role, config)
                : SignalingClient.joinRoom(group, rendezvous.signal(), room, config);
    }

    private void requireThatOptionsGoTogether() {
        if (isRelayOnly && rendezvous.turnServers().isEmpty()) {
            throw new IllegalArgumentException("--relay-only needs --turn");
        }
        if (method == ConnectMethod.DRAFT && rendezvous.turnServers().isEmpty()) {
            throw new IllegalArgumentException("--method draft begins over a relay, and so needs --turn");
        }
        if (isRelayOnly && method == ConnectMethod.PUNCH) {
            throw new IllegalArgumentException("--method punch goes directly, and so not with --relay-only");
        }
    }
}
