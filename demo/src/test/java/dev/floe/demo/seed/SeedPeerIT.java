package dev.floe.demo.seed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.ProcessPeer;
import dev.floe.quic.PeerIdentity;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code --seed-signaling}: the plain relay's protocol, and peers that are not Floe on the other side. */
@SuppressWarnings("try") // a seed peer only needs to be there
class SeedPeerIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final String ALPN = "seed";

    @TempDir
    private static Path folder;

    private static EventLoopGroup group;
    private static ProcessPeer server;
    private static URI relay;
    private static PrivateAuthority authority;

    @BeforeAll
    static void startRelay() throws Exception {
        group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        server = ProcessPeer.floe(Host.local(), "server", "--host", "127.0.0.1", "--port", "0", "--stun-port", "0");
        relay = URI.create("ws://127.0.0.1:"
                + server.awaitEvent("listening", LIMIT).path("port").asInt());
        authority = new PrivateAuthority();
    }

    @AfterAll
    static void stopRelay() {
        server.close();
        group.shutdownGracefully().syncUninterruptibly();
    }

    @Test
    void twoFloePeersMeetOverTheRelay() throws Exception {
        try (ProcessPeer offerer = floe("offer");
                ProcessPeer answerer = floe("answer")) {
            assertThat(assertGoodEnd(answerer)).isEqualTo(fingerprint("offer"));
            assertThat(assertGoodEnd(offerer)).isEqualTo(fingerprint("answer"));
        }
    }

    @Test
    void serverOfAPrivateAuthorityIsAnswered() throws Exception {
        PrivateAuthority.Server identity = authority.newServer();
        String ca = authority.writeTo(folder.resolve("ca.pem")).toString();
        try (ProcessPeer answerer = floe("answer", "--trust-ca", ca, "--alpn", ALPN)) {
            answerer.awaitEvent("gathered", LIMIT);
            try (SeedPeer seed = SeedPeer.offer(group, relay, ALPN, identity)) {
                assertThat(assertGoodEnd(answerer)).isEqualTo(PeerIdentity.fingerprint(identity.certificate()));
            }
        }
    }

    @Test
    void clientWithoutACertificateIsServed() throws Exception {
        try (SeedPeer seed = SeedPeer.answer(group, relay, ALPN);
                ProcessPeer offerer = floe("offer", "--no-peer-auth", "--alpn", ALPN)) {
            assertThat(seed.ask("Hello, Floe!")).isEqualTo("Hello, Floe!");
            assertThat(assertGoodEnd(offerer)).isEmpty();
        }
    }

    @Test
    void peerThatNamesNoFingerprintIsRefused() throws Exception {
        try (ProcessPeer answerer = floe("answer", "--alpn", ALPN)) {
            answerer.awaitEvent("gathered", LIMIT);
            try (SeedPeer seed = SeedPeer.answer(group, relay, ALPN)) {
                seed.introduce();
                assertRefused(answerer, "fingerprint");
            }
        }
    }

    @Test
    void serverOfAnotherAuthorityIsRefused() throws Exception {
        String other =
                new PrivateAuthority().writeTo(folder.resolve("other.pem")).toString();
        try (ProcessPeer answerer = floe("answer", "--trust-ca", other, "--alpn", ALPN)) {
            answerer.awaitEvent("gathered", LIMIT);
            try (SeedPeer seed = SeedPeer.offer(group, relay, ALPN, authority.newServer())) {
                assertRefused(answerer, "");
            }
        }
    }

    /** The fingerprint of the certificate that the other side presented, empty if it presented none. */
    private static String assertGoodEnd(ProcessPeer peer) throws InterruptedException {
        JsonNode result = peer.result();
        assertThat(result.path("ok").asBoolean()).as("%s", result).isTrue();
        assertThat(peer.events("echo")).hasSize(1);
        assertThat(peer.exitCode()).isZero();
        return peer.events("quic-connected").get(0).path("remote_fingerprint").asString("");
    }

    private static void assertRefused(ProcessPeer peer, String why) throws InterruptedException {
        JsonNode result = peer.result();
        assertThat(result.path("error").asString()).as("%s", result).isEqualTo("fingerprint-mismatch");
        assertThat(result.path("message").asString()).contains(why);
        assertThat(peer.events("quic-connected")).isEmpty();
        assertThat(peer.exitCode()).isEqualTo(1);
    }

    private static String fingerprint(String command) throws Exception {
        return PeerIdentity.load(identity(command)).fingerprint();
    }

    private static Path identity(String command) {
        return folder.resolve(command);
    }

    private static ProcessPeer floe(String command, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                command,
                "any",
                "--seed-signaling",
                "--signal",
                relay.toString(),
                "--stun",
                "127.0.0.1:1",
                "--timeout",
                String.valueOf(LIMIT.toSeconds()),
                "--identity",
                identity(command).toString()));
        arguments.addAll(List.of(options));
        return ProcessPeer.floe(Host.local(), arguments.toArray(String[]::new));
    }
}
