package dev.floe.demo;

import static dev.floe.demo.lab.LabAssumption.assumeCoturn;
import static dev.floe.demo.lab.LabAssumption.assumeLab;
import static dev.floe.demo.lab.NatKind.ADDRESS_RESTRICTED;
import static dev.floe.demo.lab.NatKind.NONE;
import static dev.floe.demo.lab.NatKind.PORT_RESTRICTED;
import static dev.floe.demo.lab.NatKind.SYMMETRIC;
import static dev.floe.demo.lab.NatKind.UDP_BLOCKED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import dev.floe.demo.lab.Coturn;
import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.NatLab;
import dev.floe.demo.lab.ProcessPeer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * {@code floe offer} and {@code floe answer} on two hosts behind NATs of the kernel, in every combination, with a STUN
 * server and a TURN server on the internet: each connects, by the best way that there is.
 */
class NatMatrixNetnsIT {
    private static final Duration LIMIT = Duration.ofSeconds(50);
    private static final List<String> TABLE = new ArrayList<>();

    @TempDir
    private static Path folder;

    private static NatLab lab;
    private static Coturn turn;

    @BeforeAll
    static void startServers() throws InterruptedException {
        assumeLab();
        assumeCoturn();
        lab = NatLab.build(NONE, NONE);
        turn = Coturn.start(lab.server(), folder);
        startServer(lab);
    }

    @AfterAll
    static void printTableAndCloseLab() {
        if (lab != null) {
            lab.close();
        }
        if (!TABLE.isEmpty()) {
            System.out.println("offerer × answerer                         | offerer's pair | answerer's pair |"
                    + " ms from the later 'signaled' to 'quic-connected', offerer and answerer");
            TABLE.forEach(System.out::println);
        }
    }

    static Stream<Arguments> all() {
        return Stream.of(NatKind.values())
                .flatMap(a -> Stream.of(NatKind.values()).map(b -> Arguments.of(a, b)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void bestWayConnects(NatKind a, NatKind b) throws InterruptedException {
        assertConnects(a, b, "--turn", turn.option("udp"), "--turn", turn.option("tcp"));
    }

    @Test
    void relayOnlyConnectsByRelaysOnBothSides() throws InterruptedException {
        lab.nat(lab.a(), NONE);
        lab.nat(lab.b(), PORT_RESTRICTED);
        try (ProcessPeer offerer = start(lab, "offer", "hidden", "--turn", turn.option("udp"), "--relay-only");
                ProcessPeer answerer = start(lab, "answer", "hidden", "--turn", turn.option("tcp"), "--relay-only")) {
            for (ProcessPeer peer : List.of(offerer, answerer)) {
                assertGoodEnd(peer, "relay");
                assertThat(peer.events("candidate"))
                        .isNotEmpty()
                        .allMatch(candidate -> candidate.path("type").asString().equals("relay"));
            }
        }
    }

    @Test
    void earlyStartConnectsThroughAddressRestrictedNats() throws InterruptedException {
        assertConnects(ADDRESS_RESTRICTED, ADDRESS_RESTRICTED, "--early");
    }

    /** Three labs at once, for each attempt takes its ten seconds. */
    @Test
    void noPathIsReportedByBothSidesWhereOnlyARelayWouldHelp() throws InterruptedException {
        try (NatLab first = NatLab.build(SYMMETRIC, PORT_RESTRICTED);
                NatLab second = NatLab.build(PORT_RESTRICTED, SYMMETRIC);
                NatLab third = NatLab.build(SYMMETRIC, SYMMETRIC)) {
            List<ProcessPeer> peers = new ArrayList<>();
            for (NatLab relayless : List.of(first, second, third)) {
                startServer(relayless);
                peers.add(start(relayless, "offer", "hopeless"));
                peers.add(start(relayless, "answer", "hopeless"));
            }
            for (ProcessPeer peer : peers) {
                JsonNode result = peer.result();
                assertThat(result.path("ok").asBoolean(true)).isFalse();
                assertThat(result.path("error").asString()).isEqualTo("no-path");
                assertThat(result.path("message").asString()).isNotBlank();
                assertThat(peer.exitCode()).isEqualTo(1);
                assertThat(peer.events("signaled")).hasSize(1);
                assertThat(peer.events("ice-connected")).isEmpty();
            }
        }
    }

    private static void assertConnects(NatKind a, NatKind b, String... options) throws InterruptedException {
        lab.nat(lab.a(), a);
        lab.nat(lab.b(), b);
        String room = a + "-" + b;
        try (ProcessPeer offerer = start(lab, "offer", room, options);
                ProcessPeer answerer = start(lab, "answer", room, options)) {
            String path = isDirect(a, b) ? "direct" : "relay";
            assertAll(() -> assertGoodEnd(offerer, path), () -> assertGoodEnd(answerer, path));
            Side offering = new Side(offerer, a, lab.a());
            Side answering = new Side(answerer, b, lab.b());
            offering.assertSees(answering);
            answering.assertSees(offering);
            addRow(a + " × " + b, offering, answering);
        }
    }

    private static void assertGoodEnd(ProcessPeer peer, String path) throws InterruptedException {
        JsonNode result = peer.result();
        assertThat(result.path("ok").asBoolean()).as("%s", result).isTrue();
        assertThat(result.path("path").asString()).isEqualTo(path);
        assertThat(peer.exitCode()).isZero();
        assertThat(peer.events("quic-connected")).hasSize(1);
        assertThat(peer.events("echo"))
                .singleElement()
                .satisfies(echo -> assertThat(echo.path("bytes").asInt()).isEqualTo("Hello!".length()));
    }

    /** One peer after its good end, and the NAT before it. */
    private record Side(ProcessPeer peer, NatKind nat, Host host) {
        /** The pair that it used in the end, by NAT theory: STUN has told of every mapping but those of a symmetric NAT. */
        void assertSees(Side other) {
            JsonNode pair = pair();
            String direct = switch (other.nat) {
                case NONE -> "host";
                case SYMMETRIC -> "prflx";
                default -> "srflx";
            };
            boolean isRelayNeeded = !isDirect(nat, other.nat);
            String type = isRelayNeeded && other.isRelayed() ? "relay" : direct;
            // A check may overtake the word of the candidate that it comes from.
            assertThat(pair.path("type").asString()).isIn(type, "prflx");
            assertThat(pair.path("remote").asString())
                    .isEqualTo(other.pair().path("local").asString())
                    .startsWith((other.isRelayed() ? lab.serverAddress() : other.outerAddress()) + ":");
            assertThat(other.localType()).isEqualTo(type);
            assertThat(other.isRelayed()).isEqualTo(type.equals("relay"));
            assertThat(nat != UDP_BLOCKED || isRelayed()).isTrue();
        }

        boolean isRelayed() {
            return localType().equals("relay");
        }

        JsonNode pair() {
            List<JsonNode> nominations = peer.events("nominated");
            assertThat(nominations).isNotEmpty();
            return nominations.get(nominations.size() - 1);
        }

        /** Of the pair's local candidate; one that was never gathered has been learned from a check's response. */
        String localType() {
            String local = pair().path("local").asString();
            return peer.events("candidate").stream()
                    .filter(candidate -> candidate.path("side").asString().equals("local"))
                    .filter(candidate -> local.equals(candidate.path("address").asString() + ":"
                            + candidate.path("port").asInt()))
                    .map(candidate -> candidate.path("type").asString())
                    .findFirst()
                    .orElse("prflx");
        }

        String outerAddress() {
            return nat == NONE ? host.address() : lab.gatewayAddress(host);
        }

        double epochMillis(String event) {
            return peer.events(event).get(0).path("epoch_ms").asDouble();
        }
    }

    private static void addRow(String name, Side offering, Side answering) {
        double signaled = Math.max(offering.epochMillis("signaled"), answering.epochMillis("signaled"));
        TABLE.add(String.format(
                Locale.ROOT,
                "%-42s | %-5s > %-6s | %-5s > %-7s | %8.1f %8.1f",
                name,
                offering.localType(),
                offering.pair().path("type").asString(),
                answering.localType(),
                answering.pair().path("type").asString(),
                offering.epochMillis("quic-connected") - signaled,
                answering.epochMillis("quic-connected") - signaled));
    }

    /** Whether there is a way without a relay, and without guessing ports. */
    private static boolean isDirect(NatKind a, NatKind b) {
        boolean isBlocked = a == UDP_BLOCKED || b == UDP_BLOCKED;
        boolean isHard = a == SYMMETRIC && (b == PORT_RESTRICTED || b == SYMMETRIC);
        return !isBlocked && !isHard && !(a == PORT_RESTRICTED && b == SYMMETRIC);
    }

    private static void startServer(NatLab lab) throws InterruptedException {
        ProcessPeer server = ProcessPeer.floe(lab.server(), "server");
        server.awaitEvent("listening", event -> event.path("what").asString().equals("stun"), LIMIT);
    }

    /** The offerer is host a, the answerer host b. */
    private static ProcessPeer start(NatLab lab, String command, String room, String... options) {
        Host host = command.equals("offer") ? lab.a() : lab.b();
        List<String> arguments = new ArrayList<>(List.of(
                command,
                room,
                "--signal",
                "ws://" + lab.serverAddress() + ":8765",
                "--timeout",
                String.valueOf(LIMIT.toSeconds()),
                "--identity",
                folder.resolve(command).toString()));
        arguments.addAll(List.of(options));
        return ProcessPeer.floe(host, arguments.toArray(String[]::new));
    }
}
