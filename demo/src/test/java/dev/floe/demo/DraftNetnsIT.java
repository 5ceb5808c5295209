package dev.floe.demo;

import static dev.floe.demo.lab.LabAssumption.assumeCoturn;
import static dev.floe.demo.lab.LabAssumption.assumeLab;
import static dev.floe.demo.lab.NatKind.PORT_RESTRICTED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.Coturn;
import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.NatLab;
import dev.floe.demo.lab.ProcessPeer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code --method draft} between NATs of the kernel, when a peer goes to another network. */
class DraftNetnsIT {

    private static final Duration LIMIT = Duration.ofSeconds(50);

    @TempDir
    private Path folder;

    @BeforeAll
    static void assume() {
        assumeLab();
        assumeCoturn();
    }

    @Test
    void roamOfEitherSideIsANewRound() throws InterruptedException {
        try (NatLab lab = NatLab.build(PORT_RESTRICTED, PORT_RESTRICTED);
                Coturn turn = Coturn.start(lab.server(), folder, "--mobility")) {
            startServer(lab);
            try (ProcessPeer offerer = start(lab, "offer", turn);
                    ProcessPeer answerer = start(lab, "answer", turn)) {
                awaitDirect(lab, offerer);
                awaitDirect(lab, answerer);
                for (Host host : List.of(lab.b(), lab.a())) {
                    String before = lab.gatewayAddress(host);
                    lab.roam(host);
                    ProcessPeer staying = host == lab.a() ? answerer : offerer;
                    // Nobody is told of an address but by the draft's frames.
                    staying.awaitEvent(
                            "nominated",
                            pair -> isDirect(lab, pair)
                                    && !pair.path("remote").asString().startsWith(before + ":"),
                            LIMIT);
                }
                answerer.endInput();
                assertGoodEnd(offerer, "direct");
                assertGoodEnd(answerer, "direct");
            }
        }
    }

    private static void awaitDirect(NatLab lab, ProcessPeer peer) throws InterruptedException {
        peer.awaitEvent("nominated", pair -> isDirect(lab, pair), LIMIT);
    }

    private static boolean isDirect(NatLab lab, JsonNode pair) {
        return !pair.path("remote").asString().startsWith(lab.serverAddress() + ":");
    }

    private static void assertGoodEnd(ProcessPeer peer, String path) throws InterruptedException {
        JsonNode result = peer.result();
        assertThat(result.path("ok").asBoolean()).as("%s", peer).isTrue();
        assertThat(result.path("path").asString()).as("%s", peer).isEqualTo(path);
        EventContract.assertKept(peer);
    }

    private static void startServer(NatLab lab) throws InterruptedException {
        ProcessPeer.floe(lab.server(), "server")
                .awaitEvent("listening", event -> event.path("what").asString().equals("stun"), LIMIT);
    }

    private ProcessPeer start(NatLab lab, String command, Coturn turn) {
        boolean isAnswerer = command.equals("answer");
        List<String> arguments = new ArrayList<>(List.of(
                command,
                "room",
                "--method",
                "draft",
                "--timeout",
                String.valueOf(LIMIT.toSeconds()),
                "--turn",
                turn.option("udp"),
                "--signal",
                "ws://" + lab.serverAddress() + ":8765",
                "--identity",
                folder.resolve(command).toString()));
        if (isAnswerer) {
            arguments.add("--talk");
        }
        return ProcessPeer.floe(isAnswerer ? lab.b() : lab.a(), arguments.toArray(String[]::new));
    }
}
