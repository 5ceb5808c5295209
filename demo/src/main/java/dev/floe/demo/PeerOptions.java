package dev.floe.demo;

import dev.floe.demo.report.PeerReport;
import dev.floe.demo.report.Report;
import dev.floe.demo.report.Timeline;
import dev.floe.ice.AddressPolicy;
import dev.floe.ice.IceConfig;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.PeerTrust;
import dev.floe.signaling.RelayRole;
import dev.floe.signaling.SignalingClient;
import dev.floe.stun.turn.TurnServer;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options that all peers share. */
final class PeerOptions {

    private static final int STUN_PORT = 3478;

    @Option(
            names = "--signal",
            paramLabel = "URI",
            description = "The signaling server (default: ws://localhost:8765).")
    private URI signal = URI.create("ws://localhost:8765");

    @Option(
            names = "--seed-signaling",
            description = "Speak the plain relay's protocol: everybody hears everybody, there are no rooms.")
    private boolean isSeedSignaling;

    @Option(
            names = "--stun",
            paramLabel = "HOST:PORT",
            converter = HostPort.class,
            description = "A STUN server, repeatable (default: the signaling host, port 3478).")
    private List<InetSocketAddress> stun = List.of();

    @ArgGroup(exclusive = false)
    private Relays relays = new Relays();

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
    private Duration timeout = Duration.ofSeconds(30);

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

    /** The TURN servers, without which there is no relay to be reached through. */
    static final class Relays {
        @Option(
                names = "--turn",
                required = true,
                paramLabel = "URI",
                converter = TurnUri.class,
                description =
                        "A TURN server, repeatable: turn:USER:PASSWORD@HOST:PORT[?transport=udp|tcp|tls], user and"
                                + " password percent-encoded.")
        private List<TurnServer> turn = List.of();

        @Option(names = "--relay-only", description = "Send and be reached through TURN servers alone.")
        private boolean isRelayOnly;

        private IceConfig.Builder apply(IceConfig.Builder settings) {
            return isRelayOnly ? settings.addressPolicy(AddressPolicy.RELAY_ONLY) : settings;
        }
    }

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

        PeerTrust toPeerTrust() throws IOException {
            if (pin != null) {
                return pin;
            } else if (ca != null) {
                return PeerTrust.ca(ca);
            }
            return isNone ? PeerTrust.none() : PeerTrust.described();
        }
    }

    /** Joins the room, or the relay, at the signaling server. */
    Future<SignalingClient> join(EventLoopGroup group, String room, RelayRole role) {
        return isSeedSignaling
                ? SignalingClient.joinRelay(group, signal, role)
                : SignalingClient.joinRoom(group, signal, room);
    }

    /** Reads or makes the identity. */
    PeerIdentity loadIdentity() throws IOException {
        return PeerIdentity.loadOrCreate(identity == null ? PeerIdentity.defaultPath() : identity);
    }

    /** A connection's configuration, reported to {@code report}. */
    PeerConfig.Builder toConfig(EventLoopGroup group, PeerIdentity identity, PeerReport report) throws IOException {
        return PeerConfig.builder(group, identity)
                .trust(trust.toPeerTrust())
                .alpn(alpn)
                .stunServers(stun.isEmpty() ? List.of(defaultStun()) : stun)
                .turnServers(relays.turn)
                .ice(relays::apply)
                .bindAddress(bind)
                .earlyStart(isEarly)
                // From the start of the process, of which some is over.
                .timeout(timeout.minus(Report.elapsed()))
                .observer(new Timeline(report));
    }

    private InetSocketAddress defaultStun() {
        return InetSocketAddress.createUnresolved(signal.getHost(), STUN_PORT);
    }
}
