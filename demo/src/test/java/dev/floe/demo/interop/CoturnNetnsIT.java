package dev.floe.demo.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.Coturn;
import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.LabAssumption;
import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.NatLab;
import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What our agent learns of itself from coturn, as a STUN server on the other side of a NAT. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CoturnNetnsIT {
    @TempDir
    private static Path folder;

    private static NatLab lab;

    @BeforeAll
    static void start() throws Exception {
        LabAssumption.assumeCoturn();
        LabAssumption.assumeLab();
        lab = NatLab.build(NatKind.NONE, NatKind.NONE);
        Coturn.start(lab.server(), folder);
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
        if (kind == NatKind.NONE || kind == NatKind.UDP_BLOCKED) {
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
                        String.valueOf(Coturn.PORT)));
        List<String> sdp = agent.inputReader(UTF_8).lines().toList();
        assertThat(sdp)
                .as(new String(agent.getErrorStream().readAllBytes(), UTF_8))
                .isNotEmpty();
        return SdpText.parse(sdp).candidates();
    }
}
