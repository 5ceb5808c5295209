package dev.floe.demo;

import dev.floe.stun.turn.TurnServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import picocli.CommandLine.Option;

/** Which servers help peers to find each other. */
final class RendezvousOptions {

    private static final int STUN_PORT = 3478;

    private static final URI DEFAULT_SIGNAL = URI.create("ws://localhost:8765");

    @Option(
            names = "--signal",
            paramLabel = "URI",
            description =
                    "The signaling server, whose host is the default for --stun too (default: ws://localhost:8765).")
    private URI signal = DEFAULT_SIGNAL;

    @Option(
            names = "--stun",
            paramLabel = "HOST:PORT",
            converter = HostPort.class,
            description = "A STUN server, repeatable (default: the signaling host, port 3478).")
    private List<InetSocketAddress> stun = List.of();

    @Option(
            names = "--turn",
            paramLabel = "TURN",
            converter = TurnUri.class,
            description = "A TURN server, repeatable: turn:USER:PASSWORD@HOST:PORT[?transport=udp|tcp|tls], user and"
                    + " password percent-encoded.")
    private List<TurnServer> turn = List.of();

    URI signal() {
        return signal;
    }

    /** What names the same signaling server on another command line, with a blank before it; nothing for the default one. */
    String signalOption() {
        return signal.equals(DEFAULT_SIGNAL) ? "" : " --signal " + signal;
    }

    /** @throws IllegalArgumentException if none is named, and the signaling server has no host to take instead */
    List<InetSocketAddress> stunServers() {
        if (!stun.isEmpty()) {
            return stun;
        }
        if (signal.getHost() == null) {
            throw new IllegalArgumentException("signaling server '" + signal + "', expected ws://HOST[:PORT]");
        }
        return List.of(InetSocketAddress.createUnresolved(signal.getHost(), STUN_PORT));
    }

    List<TurnServer> turnServers() {
        return turn;
    }
}
