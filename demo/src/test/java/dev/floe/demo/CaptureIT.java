package dev.floe.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.ProcessPeer;
import dev.floe.signaling.SignalingServerConfig;
import dev.floe.stun.StunServerConfig;
import dev.floe.testing.Coturn;
import dev.floe.testing.Requirement;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code --pcap}, {@code --keylog} and {@code --qlog} leave behind, as Wireshark sees it. */
@Timeout(120)
class CaptureIT {

    private static final String MESSAGE = "the application's own bytes";
    private static final String MESSAGE_HEX = HexFormat.of().formatHex(MESSAGE.getBytes(UTF_8));

    private static EventLoops loops;
    private static FloeServer server;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        Requirement.runs("tshark", "tshark", "--version");
        InetSocketAddress here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        loops = new EventLoops(1);
        server = FloeServer.start(
                loops.group(),
                SignalingServerConfig.builder(here).build(),
                Optional.of(StunServerConfig.builder(here).build()));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
            loops.close();
        }
    }

    @Test
    void bothCapturesShowStunAndThenTheApplicationsBytesInDecryptedQuic() throws Exception {
        talk(List.of(), "--keylog", path("keys"), "--qlog", path("qlog"));

        for (String capture : List.of("offer", "answer")) {
            assertStunThenQuic(capture, 0);
            assertThat(messages(capture, 0)).as("there and back").hasSizeGreaterThanOrEqualTo(2);
        }
        assertThat(tshark("offer", "quic.decryption_failed", "frame.number")).isEmpty();
        assertThat(tshark("offer", "ip.checksum.status == Bad || udp.checksum.status == Bad", "frame.number"))
                .isEmpty();
        assertThat(tshark("offer", "ip || ipv6", "frame.number"))
                .hasSameSizeAs(tshark("offer", "frame", "frame.number"));
        assertKeyLogDecrypts();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("offer"))))
                .isEqualTo("rw-------");
        try (Stream<Path> logs = Files.list(folder.resolve("qlog"))) {
            assertThat(logs)
                    .singleElement()
                    .satisfies(log -> assertThat(log).content().contains("packet_sent"));
        }
    }

    @Test
    void receiversCaptureShowsTheFilesOwnBytes() throws Exception {
        Path file = Files.writeString(folder.resolve("letter.txt"), MESSAGE);
        try (ProcessPeer sender = peer("send", file.toString(), List.of(), List.of())) {
            String code = sender.awaitEvent("code", Duration.ofSeconds(50))
                    .path("code")
                    .asString();
            try (ProcessPeer receiver = peer("receive", code, List.of(), List.of("--out", path("out")))) {
                assertThat(receiver.result().path("ok").asBoolean())
                        .as(receiver.toString())
                        .isTrue();
                assertThat(sender.result().path("ok").asBoolean())
                        .as(sender.toString())
                        .isTrue();
            }
        }
        for (String capture : List.of("send", "receive")) {
            assertStunThenQuic(capture, 0);
            assertThat(messages(capture, 0)).isNotEmpty();
        }
    }

    @Test
    void whatTurnCarriesIsUnwrappedOnTheSecondInterface() throws Exception {
        try (Coturn coturn = Coturn.start()) {
            String turn = "turn:" + Coturn.USERNAME + ":" + Coturn.PASSWORD.replace(" ", "%20") + "@"
                    + NetUtil.toSocketAddressString(coturn.address());
            talk(List.of("--relay-only", "--turn", turn));

            for (String capture : List.of("offer", "answer")) {
                assertStunThenQuic(capture, 1);
                assertThat(messages(capture, 1)).as("there and back").hasSizeGreaterThanOrEqualTo(2);
                assertThat(tshark(capture, "frame.interface_id == 0 && stun.channel", "frame.number"))
                        .as("ChannelData")
                        .isNotEmpty();
            }
        }
    }

    private void talk(List<String> ofBoth, String... ofOfferer) throws InterruptedException {
        try (ProcessPeer offerer = peer("offer", "captured", ofBoth, List.of(ofOfferer));
                ProcessPeer answerer = peer("answer", "captured", ofBoth, List.of("--message", MESSAGE))) {
            for (ProcessPeer peer : List.of(offerer, answerer)) {
                assertThat(peer.result().path("ok").asBoolean())
                        .as(peer.toString())
                        .isTrue();
                assertThat(peer.stderr()).isEmpty();
            }
        }
    }

    /** Captures into a file named after its command. */
    private ProcessPeer peer(String command, String what, List<String> ofBoth, List<String> own) {
        List<String> arguments = new ArrayList<>(List.of(
                command,
                what,
                "--signal",
                "ws://" + NetUtil.toSocketAddressString(server.signalingAddress()),
                "--stun",
                NetUtil.toSocketAddressString(server.stunAddresses().get(0)),
                "--identity",
                path(command + ".pem"),
                "--pcap",
                path(command)));
        arguments.addAll(ofBoth);
        arguments.addAll(own);
        return ProcessPeer.floe(Host.local(), arguments.toArray(String[]::new));
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private void assertStunThenQuic(String capture, int on) throws Exception {
        List<String> protocols = tshark(capture, "frame.interface_id == " + on, "_ws.col.Protocol");
        assertThat(protocols).startsWith("STUN").contains("QUIC");
        assertThat(protocols.subList(0, protocols.indexOf("QUIC"))).containsOnly("STUN");
    }

    private List<String> messages(String capture, int on) throws Exception {
        return tshark(capture, "frame.interface_id == " + on, "quic.stream_data").stream()
                .filter(data -> data.contains(MESSAGE_HEX))
                .toList();
    }

    /** Without the secrets in the capture, those of the key log do. */
    private void assertKeyLogDecrypts() throws Exception {
        run("editcap", "--discard-all-secrets", path("offer"), path("stripped"));

        assertThat(messages("stripped", 0)).isEmpty();
        assertThat(tshark("stripped", "frame", "quic.stream_data", "-o", "tls.keylog_file:" + path("keys")))
                .anyMatch(data -> data.contains(MESSAGE_HEX));
    }

    private List<String> tshark(String capture, String filter, String field, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("tshark", "-r", path(capture), "-Y", filter));
        command.addAll(List.of("-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"));
        command.addAll(List.of("-T", "fields", "-e", field));
        command.addAll(List.of(options));
        return run(command.toArray(String[]::new));
    }

    private static List<String> run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
        return output.lines().toList();
    }
}
