package dev.floe.demo.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.LabAssumption;
import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.NatLab;
import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What our agent learns of itself from coturn, as a STUN server on the other side of a NAT. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CoturnNetnsIT {
    private static final String PORT = "3478";

    @TempDir
    private static Path folder;

    private static NatLab lab;

    @BeforeAll
    static void start() throws Exception {
        ToolAssumption.assumeRuns("coturn", "which", "turnserver");
        LabAssumption.assumeLab();
        lab = NatLab.build(NatKind.NONE, NatKind.NONE);
        startCoturn();
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    @ParameterizedTest
    @EnumSource(NatKind.class)
    void serverReflexiveCandidateIsTheNatsAddress(NatKind kind) throws IOException {
        lab.nat(lab.a(), kind);
        List<Candidate> candidates = gather();

        assertThat(candidates.get(0).type()).isEqualTo(CandidateType.HOST);
        assertThat(candidates.get(0).address().getHostString())
                .isEqualTo(lab.a().address());
        List<Candidate> others = candidates.subList(1, candidates.size());
        if (kind == NatKind.NONE) {
            assertThat(others).isEmpty();
        } else {
            assertThat(others).singleElement().satisfies(candidate -> {
                assertThat(candidate.type()).isEqualTo(CandidateType.SERVER_REFLEXIVE);
                assertThat(candidate.address().getHostString()).isEqualTo(lab.gatewayAddress(lab.a()));
                assertThat(candidate.relatedAddress())
                        .isEqualTo(candidates.get(0).address());
            });
        }
        System.out.printf(
                "interop: coturn as STUN server, NAT %s | %s%n",
                kind, candidates.stream().map(Candidate::toSdp).toList());
    }

    private static List<Candidate> gather() throws IOException {
        Process agent = lab.a()
                .start(List.of(
                        Host.JAVA,
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        GatherMain.class.getName(),
                        lab.serverAddress(),
                        PORT));
        List<String> sdp = agent.inputReader(UTF_8).lines().toList();
        assertThat(sdp)
                .as(new String(agent.getErrorStream().readAllBytes(), UTF_8))
                .isNotEmpty();
        return SdpText.parse(sdp).candidates();
    }

    private static void startCoturn() throws IOException {
        Path log = folder.resolve("log");
        Process coturn = lab.server()
                .start(List.of(
                        "turnserver",
                        "-n",
                        "--no-cli",
                        "--stun-only",
                        "--no-tls",
                        "--no-dtls",
                        "--relay-threads=1",
                        "--listening-ip=" + lab.serverAddress(),
                        "--listening-port=" + PORT,
                        "--userdb=" + folder.resolve("db"),
                        "--pidfile=" + folder.resolve("pid"),
                        "--log-file=" + log,
                        "--simple-log",
                        "--no-stdout-log"));
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!Files.exists(log) || !Files.readString(log).contains("Total General servers")) {
            assertThat(coturn.isAlive() && System.nanoTime() < deadline)
                    .as("coturn is up")
                    .isTrue();
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        String version = Files.readString(log)
                .lines()
                .filter(line -> line.contains("Version"))
                .findFirst()
                .orElseThrow();
        System.out.println("interop: coturn as STUN server | " + version);
    }
}
