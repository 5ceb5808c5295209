package dev.floe.demo;

import static dev.floe.demo.lab.LabAssumption.assumeLab;
import static dev.floe.demo.lab.NatKind.NONE;
import static dev.floe.demo.lab.NatKind.PORT_RESTRICTED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.NatLab;
import dev.floe.demo.lab.ProcessPeer;
import dev.floe.demo.lab.Wire;
import dev.floe.testing.Requirement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hole punching between two port-restricted NATs, as tshark sees it before the offerer. */
@Timeout(120)
class PunchCaptureNetnsIT {

    private static final Duration LIMIT = Duration.ofSeconds(50);

    /** The words of DCUtR as signaling carries them, which names no other thing so. */
    private static final String WORD = "hole-punch";

    @TempDir
    private Path folder;

    /** One frame of the capture. */
    private record Frame(double seconds, String source, String destination) {}

    @Test
    void noIceIsSeenBeforeTheHandshakeAndTheOffererWaitsForHalfTheRoundTripToBeDialled() throws Exception {
        assumeLab();
        Requirement.runs("tshark", "tshark", "--version");
        // So far from each other that what a busy machine adds is little beside half a round trip.
        try (NatLab lab = NatLab.build(NONE, NONE, new Wire(Duration.ofMillis(100), 100))) {
            lab.nat(lab.a(), PORT_RESTRICTED);
            lab.nat(lab.b(), PORT_RESTRICTED);
            ProcessPeer server = ProcessPeer.floe(lab.server(), "server");
            server.awaitEvent(
                    "listening", event -> event.path("what").asString().equals("stun"), LIMIT);
            Path capture = folder.resolve("capture.pcapng");
            Process tshark = lab.a()
                    .start(List.of(
                            "tshark",
                            "-q",
                            "-l",
                            "-i",
                            "any",
                            "-w",
                            capture.toString(),
                            "-f",
                            "(udp or tcp) and not net 127.0.0.0/8"));
            awaitCapture(tshark);
            try (ProcessPeer offerer = peer(lab, "offer");
                    ProcessPeer answerer = peer(lab, "answer")) {
                assertThat(offerer.result().path("ok").asBoolean())
                        .as(offerer.toString())
                        .isTrue();
                assertThat(answerer.result().path("ok").asBoolean())
                        .as(answerer.toString())
                        .isTrue();
            }
            // Interrupted, it writes what it has.
            new ProcessBuilder("kill", "-INT", String.valueOf(tshark.pid()))
                    .start()
                    .waitFor();
            tshark.waitFor(20, TimeUnit.SECONDS);
            assertCaptureShowsIt(capture, lab);
        }
    }

    private static void assertCaptureShowsIt(Path capture, NatLab lab) throws Exception {
        String offerer = lab.a().address();
        String server = lab.serverAddress();
        List<Frame> words = frames(capture, "websocket && websocket.payload.text contains \"" + WORD + "\"");
        List<Frame> random = frames(
                capture, "udp && ip.src == " + offerer + " && !stun && udp.payload[0] >= 04 && udp.payload[0] <= 0f");
        List<Frame> initials = frames(capture, "udp && ip.src != " + server + " && udp.payload[0:1] >= c0");
        assertThat(words).as("CONNECT, CONNECT, SYNC").hasSize(3);
        assertThat(words).extracting(Frame::source).containsExactly(offerer, server, offerer);

        // Which side dials: the first datagram of QUIC comes from the answerer.
        assertThat(initials.get(0).destination()).isEqualTo(offerer);

        double roundTrip = words.get(1).seconds() - words.get(0).seconds();
        double wait = random.get(0).seconds() - words.get(2).seconds();
        assertThat(roundTrip).isGreaterThan(0.4);
        assertThat(wait).as("of a round trip of %s s", roundTrip).isBetween(roundTrip * 0.45, roundTrip * 0.95);

        // USERNAME, PRIORITY, USE-CANDIDATE, ICE-CONTROLLED, ICE-CONTROLLING: none before QUIC's short headers.
        List<Frame> ofIce = frames(
                capture,
                "stun.att.type == 0x0006 || stun.att.type == 0x0024 || stun.att.type == 0x0025"
                        + " || stun.att.type == 0x8029 || stun.att.type == 0x802a");
        List<Frame> oneRtt =
                frames(capture, "udp && ip.src == " + offerer + " && udp.payload[0] >= 40 && udp.payload[0] <= 7f");
        assertThat(oneRtt).isNotEmpty();
        assertThat(ofIce).allMatch(frame -> frame.seconds() > oneRtt.get(0).seconds());
    }

    private static void awaitCapture(Process tshark) throws Exception {
        var errors = tshark.errorReader(UTF_8);
        String line = errors.readLine();
        while (line != null && !line.contains("Capturing")) {
            line = errors.readLine();
        }
        assertThat(line).as("tshark captures").isNotNull();
    }

    private static List<Frame> frames(Path capture, String filter) throws Exception {
        Process process = new ProcessBuilder(
                        "tshark",
                        "-r",
                        capture.toString(),
                        "-d",
                        "tcp.port==8765,http",
                        "-Y",
                        filter,
                        "-T",
                        "fields",
                        "-e",
                        "frame.time_epoch",
                        "-e",
                        "ip.src",
                        "-e",
                        "ip.dst")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<Frame> frames = new ArrayList<>();
        for (String line : new String(process.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .toList()) {
            String[] fields = line.split("\t", -1);
            frames.add(new Frame(Double.parseDouble(fields[0]), fields[1], fields[2]));
        }
        assertThat(process.waitFor()).as(filter).isZero();
        return frames;
    }

    private ProcessPeer peer(NatLab lab, String command) {
        return ProcessPeer.floe(
                command.equals("offer") ? lab.a() : lab.b(),
                command,
                "captured",
                "--method",
                "punch",
                "--signal",
                "ws://" + lab.serverAddress() + ":8765",
                "--identity",
                folder.resolve(command).toString());
    }
}
