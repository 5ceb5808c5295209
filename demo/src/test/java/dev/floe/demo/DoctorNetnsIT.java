package dev.floe.demo;

import static dev.floe.demo.lab.LabAssumption.assumeCoturn;
import static dev.floe.demo.lab.LabAssumption.assumeLab;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import dev.floe.demo.lab.Coturn;
import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.NatLab;
import dev.floe.demo.lab.ProcessPeer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** {@code floe doctor} behind each kind of NAT of the kernel, examined by Floe's own server and by coturn's. */
class DoctorNetnsIT {
    private static final Duration LIMIT = Duration.ofSeconds(50);
    private static final int STUN_PORT = 3490;

    @TempDir
    private static Path folder;

    private static NatLab lab;

    @BeforeAll
    static void startServers() throws InterruptedException {
        assumeLab();
        assumeCoturn();
        lab = NatLab.build(NatKind.NONE, NatKind.NONE);
        String first = lab.serverAddress();
        String second = lab.secondServerAddress();
        ProcessPeer server = ProcessPeer.floe(
                lab.server(),
                "server",
                "--host",
                first,
                "--stun-port",
                String.valueOf(STUN_PORT),
                "--stun-alternate",
                second);
        server.awaitEvent("listening", event -> event.path("address").asString().equals(second), LIMIT);
        // Its second port is the one after its first.
        Coturn.start(lab.server(), folder, "--listening-ip=" + second);
    }

    @AfterAll
    static void closeLab() {
        if (lab != null) {
            lab.close();
        }
    }

    /** Both servers at once, each on ports of its own. */
    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "UDP_BLOCKED")
    void whatTheNatDoesIsFoundWithEitherServer(NatKind kind) throws InterruptedException {
        lab.nat(lab.a(), kind);
        String coturn = lab.serverAddress() + ":" + Coturn.PORT;
        try (ProcessPeer withOwn =
                        doctor("--stun", lab.serverAddress() + ":" + STUN_PORT, "--turn", "turn:floe:wrong@" + coturn);
                ProcessPeer withCoturn = doctor("--stun", coturn, "--turn", "turn:floe:secret@" + coturn)) {
            assertFound(kind, withOwn);
            assertFound(kind, withCoturn);
            JsonNode refused = withOwn.result().path("turn").path(0);
            assertThat(refused.path("ok").asBoolean(true)).isFalse();
            assertThat(refused.path("message").asString()).contains("401");
            JsonNode relay = withCoturn.result().path("turn").path(0);
            assertThat(relay.path("ok").asBoolean()).as("%s", relay).isTrue();
            assertThat(relay.path("relayed").path(0).asString()).startsWith(lab.serverAddress() + ":");
        }
    }

    @Test
    void serverWithoutSecondAddressSaysWhetherThereIsANat() throws InterruptedException {
        lab.nat(lab.a(), NatKind.PORT_RESTRICTED);
        ProcessPeer plain = ProcessPeer.floe(lab.server(), "server", "--port", "8766", "--stun-port", "3500");
        plain.awaitEvent("listening", event -> event.path("what").asString().equals("stun"), LIMIT);
        try (ProcessPeer one = doctor("--stun", lab.serverAddress() + ":3500");
                ProcessPeer two = doctor(
                        "--stun", lab.serverAddress() + ":3500", "--stun", lab.secondServerAddress() + ":3500")) {
            JsonNode network = one.result().path("ipv4");
            assertThat(network.path("nat").asBoolean()).isTrue();
            assertThat(network.path("mapping_unknown").asString())
                    .isEqualTo("the server has no second address to test with");
            assertThat(network.path("filtering_unknown").asString()).isNotEmpty();
            assertThat(two.result().path("ipv4").path("mapping").asString()).isEqualTo("endpoint-independent");
        }
    }

    @Test
    void blockedUdpLeavesARelayOverTcp() throws InterruptedException {
        lab.nat(lab.a(), NatKind.UDP_BLOCKED);
        String coturn = lab.serverAddress() + ":" + Coturn.PORT;
        try (ProcessPeer doctor = doctor("--stun", coturn, "--turn", "turn:floe:secret@" + coturn + "?transport=tcp")) {
            JsonNode result = doctor.result();
            assertThat(result.path("ok").asBoolean()).as("%s", result).isTrue();
            assertThat(result.path("ipv4").path("udp").asBoolean(true)).isFalse();
            assertThat(result.path("turn").path(0).path("ok").asBoolean()).isTrue();
            assertThat(result.path("advice").path(0).asString()).contains(sentence(NatKind.UDP_BLOCKED));
        }
    }

    private static ProcessPeer doctor(String... options) {
        List<String> arguments = new ArrayList<>(List.of("doctor"));
        arguments.addAll(List.of(options));
        return ProcessPeer.floe(lab.a(), arguments.toArray(String[]::new));
    }

    private static void assertFound(NatKind kind, ProcessPeer doctor) throws InterruptedException {
        JsonNode result = doctor.result();
        assertThat(doctor.exitCode()).as("%s", result).isZero();
        EventContract.assertKept(doctor);
        JsonNode network = result.path("ipv4");
        assertThat(network.path("udp").asBoolean()).isTrue();
        assertThat(network.path("nat").asBoolean()).as("%s", result).isEqualTo(kind != NatKind.NONE);
        assertThat(network.path("mapped").asString()).startsWith(outerAddress(kind) + ":");
        assertThat(network.path("mapping").asString()).as("%s", result).isEqualTo(mapping(kind));
        assertThat(network.path("filtering").asString()).as("%s", result).isEqualTo(filtering(kind));
        assertThat(result.path("advice").toString()).contains(sentence(kind));
    }

    private static String outerAddress(NatKind kind) {
        return kind == NatKind.NONE ? lab.a().address() : lab.gatewayAddress(lab.a());
    }

    private static String mapping(NatKind kind) {
        return kind == NatKind.SYMMETRIC ? "address-and-port-dependent" : "endpoint-independent";
    }

    private static String filtering(NatKind kind) {
        return switch (kind) {
            case NONE, FULL_CONE -> "endpoint-independent";
            case ADDRESS_RESTRICTED -> "address-dependent";
            case PORT_RESTRICTED, SYMMETRIC -> "address-and-port-dependent";
            case UDP_BLOCKED -> throw new IllegalArgumentException("there is no UDP to filter");
        };
    }

    private static String sentence(NatKind kind) {
        return switch (kind) {
            case NONE -> "there is no NAT and no firewall in the way";
            case FULL_CONE, ADDRESS_RESTRICTED -> "They do so even with a peer behind a symmetric NAT.";
            case PORT_RESTRICTED -> "With a peer behind a symmetric NAT it takes a relay.";
            case UDP_BLOCKED -> "no STUN server answered over UDP";
            case SYMMETRIC -> "(a symmetric NAT)";
        };
    }
}
