package dev.floe.demo;

import static dev.floe.demo.Transfer.Direction.CLIENT_SENDS;
import static dev.floe.demo.Transfer.Direction.SERVER_SENDS;
import static dev.floe.demo.Transfer.pathChanges;
import static dev.floe.demo.lab.LabAssumption.assumeCoturn;
import static dev.floe.demo.lab.LabAssumption.assumeLab;
import static dev.floe.demo.lab.NatKind.ADDRESS_RESTRICTED;
import static dev.floe.demo.lab.NatKind.FULL_CONE;
import static dev.floe.demo.lab.NatKind.NONE;
import static dev.floe.demo.lab.NatKind.PORT_RESTRICTED;
import static dev.floe.demo.lab.Uplink.LTE;
import static dev.floe.demo.lab.Uplink.WIFI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import dev.floe.demo.Transfer.Direction;
import dev.floe.demo.lab.Coturn;
import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.NatLab;
import dev.floe.demo.lab.ProcessPeer;
import dev.floe.demo.lab.Uplink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One QUIC connection and one stream that outlive the networks of either peer, behind NATs of the kernel. Every test has a
 * lab of its own, and several run at a time. Nobody tells a peer an address.
 */
class RoamNetnsIT {
    /** Enough for the second pair to be checked: its candidates have to be gathered, told and tried. */
    private static final Duration A_WHILE = Duration.ofSeconds(3);

    @TempDir
    private Path folder;

    @BeforeAll
    static void assume() {
        assumeLab();
        assumeCoturn();
    }

    static Stream<Arguments> natsAndDirections() {
        return Stream.of(ADDRESS_RESTRICTED, PORT_RESTRICTED)
                .flatMap(nat -> Stream.of(Direction.values()).map(direction -> Arguments.of(nat, direction)));
    }

    @ParameterizedTest
    @MethodSource("natsAndDirections")
    @Execution(CONCURRENT)
    void tenRoamsWithNothingButSignaling(NatKind nat, Direction direction) throws InterruptedException {
        try (NatLab lab = NatLab.build(nat, nat);
                Transfer transfer = Transfer.start(lab, folder, direction)) {
            List<Runnable> moves = List.of(
                    () -> lab.roam(lab.b()),
                    () -> lab.unroam(lab.b()),
                    () -> lab.roam(lab.a()),
                    () -> lab.unroam(lab.a()),
                    () -> lab.roam(lab.a(), lab.b()),
                    () -> lab.unroam(lab.a(), lab.b()),
                    () -> lab.roam(lab.b()),
                    () -> lab.roam(lab.a()),
                    () -> lab.unroam(lab.b()),
                    () -> lab.unroam(lab.a()));
            for (Runnable move : moves) {
                move.run();
                transfer.awaitFlow();
            }
            transfer.end();
            assertPathChanges(transfer, moves.size());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Execution(CONCURRENT)
    void roamsThatNobodyCanKeepUpWithEndOnTheLastNetwork(Direction direction) throws InterruptedException {
        try (NatLab lab = NatLab.build(PORT_RESTRICTED, ADDRESS_RESTRICTED);
                Transfer transfer = Transfer.start(lab, folder, direction)) {
            for (Host host : List.of(lab.b(), lab.a(), lab.b())) {
                lab.roam(host);
                lab.unroam(host);
                lab.roam(host);
                transfer.awaitFlow();
            }
            transfer.end();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Execution(CONCURRENT)
    void signalingThatIsBackInTimeBringsThePeersTogether(Direction direction) throws InterruptedException {
        try (NatLab lab = NatLab.build(PORT_RESTRICTED, PORT_RESTRICTED);
                Transfer transfer = Transfer.start(lab, folder, direction)) {
            lab.dropTcp();
            lab.roam(lab.a(), lab.b());
            for (ProcessPeer peer : transfer.peers()) {
                transfer.awaitCandidate(peer, lab.gatewayAddress(peer == transfer.server() ? lab.a() : lab.b(), LTE));
            }
            lab.restoreTcp();
            transfer.awaitFlow();
            transfer.end();
        }
    }

    @ParameterizedTest
    @MethodSource("natsAndDirections")
    @Execution(CONCURRENT)
    void sixRoamsOverASecondInterfaceWithDeadSignaling(NatKind nat, Direction direction) throws InterruptedException {
        try (NatLab lab = NatLab.build(nat, nat)) {
            lab.startLte(lab.a(), lab.b());
            try (Transfer transfer = Transfer.start(lab, folder, direction)) {
                transfer.awaitFlow(A_WHILE);
                transfer.killSignaling();
                List<Host[]> movers =
                        List.of(new Host[] {lab.b()}, new Host[] {lab.a()}, new Host[] {lab.a(), lab.b()});
                for (Host[] hosts : movers) {
                    lab.roam(hosts);
                    transfer.awaitFlow();
                    lab.unroam(hosts);
                    transfer.awaitFlow(A_WHILE);
                }
                transfer.end();
                assertPathChanges(transfer, movers.size());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("natsAndDirections")
    @Execution(CONCURRENT)
    void roamsThroughARelayWithDeadSignaling(NatKind nat, Direction direction) throws InterruptedException {
        try (NatLab lab = NatLab.build(nat, nat);
                Coturn turn = Coturn.start(lab.server(), folder, "--mobility");
                Transfer transfer = Transfer.start(lab, folder, direction, "--turn", turn.option("udp"))) {
            transfer.awaitFlow(A_WHILE);
            transfer.killSignaling();
            List<Host[]> movers = List.of(new Host[] {lab.b()}, new Host[] {lab.a()}, new Host[] {lab.a(), lab.b()});
            for (Host[] hosts : movers) {
                lab.roam(hosts);
                transfer.awaitFlow(A_WHILE);
                lab.unroam(hosts);
                transfer.awaitFlow(A_WHILE);
            }
            transfer.end();
            assertPathChanges(transfer, movers.size());
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.INCLUDE,
            names = {"FULL_CONE", "NONE"})
    @Execution(CONCURRENT)
    void loneRoamNeedsNoHelpIfTheOtherNatLetsEverybodyIn(NatKind open) throws InterruptedException {
        Direction direction = open == NONE ? CLIENT_SENDS : SERVER_SENDS;
        try (NatLab lab = NatLab.build(open, PORT_RESTRICTED);
                Transfer transfer = Transfer.start(lab, folder, direction)) {
            transfer.killSignaling();
            assertLoneRoams(lab, lab.b(), transfer);
        }
        try (NatLab lab = NatLab.build(PORT_RESTRICTED, open);
                Transfer transfer = Transfer.start(lab, folder, direction)) {
            transfer.killSignaling();
            assertLoneRoams(lab, lab.a(), transfer);
        }
    }

    private static void assertLoneRoams(NatLab lab, Host host, Transfer transfer) throws InterruptedException {
        lab.roam(host);
        transfer.awaitFlow();
        lab.unroam(host);
        transfer.awaitFlow();
        transfer.end();
        assertPathChanges(transfer, 2);
    }

    @ParameterizedTest
    @MethodSource("natsAndDirections")
    @Execution(CONCURRENT)
    void natThatForgetsIsOutlivedUnderTrafficAndUnderSilence(NatKind nat, Direction direction)
            throws InterruptedException {
        try (NatLab lab = NatLab.build(nat, nat);
                Transfer transfer = Transfer.start(lab, folder, direction)) {
            for (Host host : List.of(lab.b(), lab.a())) {
                lab.forget(host, WIFI);
                transfer.awaitFlow();
                lab.rebind(host, WIFI);
                transfer.awaitFlow();
                transfer.pause();
                lab.forget(host, WIFI);
                transfer.resume();
                transfer.awaitFlow();
                transfer.pause();
                lab.rebind(host, WIFI);
                transfer.resume();
                transfer.awaitFlow();
            }
            transfer.end();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Execution(CONCURRENT)
    void linksThatTakeTurnsBeingBadDoNotMakeTheConnectionThrash(Direction direction) throws InterruptedException {
        try (NatLab lab = NatLab.build(ADDRESS_RESTRICTED, PORT_RESTRICTED)) {
            lab.startLte(lab.b());
            try (Transfer transfer = Transfer.start(lab, folder, direction)) {
                transfer.awaitFlow(A_WHILE);
                List<Uplink> turns = List.of(WIFI, LTE, WIFI, LTE, WIFI);
                for (Uplink bad : turns) {
                    lab.cut(lab.b(), bad);
                    transfer.awaitFlow(A_WHILE);
                    lab.mend(lab.b(), bad);
                    transfer.awaitFlow();
                }
                transfer.end();
                assertPathChanges(transfer, 2);
                for (ProcessPeer peer : transfer.peers()) {
                    assertThat(pathChanges(peer)).as("%s", peer).isLessThanOrEqualTo(2 * turns.size());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Execution(CONCURRENT)
    void relayIsTakenWhileNothingElseIsLeftAndLeftWhenTheDirectWayIsBack(Direction direction)
            throws InterruptedException {
        try (NatLab lab = NatLab.build(PORT_RESTRICTED, ADDRESS_RESTRICTED);
                Coturn turn = Coturn.start(lab.server(), folder);
                Transfer transfer = Transfer.start(lab, folder, direction, "--turn", turn.option("udp"))) {
            transfer.awaitFlow(A_WHILE);
            double divided = System.currentTimeMillis();
            lab.divide();
            for (ProcessPeer peer : transfer.peers()) {
                transfer.awaitPath(peer, divided, path -> path.contains(lab.serverAddress()));
            }
            transfer.awaitFlow();
            double united = System.currentTimeMillis();
            lab.unite();
            for (ProcessPeer peer : transfer.peers()) {
                transfer.awaitPath(peer, united, path -> !path.contains(lab.serverAddress()));
            }
            transfer.awaitFlow();
            transfer.end();
            for (ProcessPeer peer : transfer.peers()) {
                assertThat(peer.result().path("path").asString()).isEqualTo("direct");
                assertThat(pathChanges(peer)).as("%s", peer).isLessThanOrEqualTo(4);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Execution(CONCURRENT)
    void suspendedPeerGoesOnAfterTwentySeconds(Direction direction) throws InterruptedException {
        try (NatLab lab = NatLab.build(PORT_RESTRICTED, ADDRESS_RESTRICTED);
                Transfer transfer = Transfer.start(lab, folder, direction)) {
            transfer.client().suspend();
            TimeUnit.SECONDS.sleep(20);
            transfer.client().wake();
            transfer.awaitFlow();
            transfer.end();
        }
    }

    @Test
    @Execution(CONCURRENT)
    void peerThatIsSuspendedForTooLongSaysWhyItHasClosed() throws InterruptedException {
        try (NatLab lab = NatLab.build(PORT_RESTRICTED, ADDRESS_RESTRICTED);
                Transfer transfer = Transfer.start(lab, folder, SERVER_SENDS)) {
            transfer.client().suspend();
            assertThat(transfer.server().result().path("error").asString()).isEqualTo("consent-expired");
            transfer.client().wake();
            assertThat(transfer.client().result().path("error").asString()).isIn("consent-expired", "peer-closed");
        }
    }

    @ParameterizedTest
    @EnumSource
    @Execution(CONCURRENT)
    void bothSidesCloseWhenConsentExpiresIfThereIsNoWayBack(Direction direction) throws InterruptedException {
        try (NatLab lab = NatLab.build(PORT_RESTRICTED, PORT_RESTRICTED);
                Transfer transfer = Transfer.start(lab, folder, direction)) {
            lab.divide();
            transfer.assertConsentExpired();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ADDRESS_RESTRICTED", "PORT_RESTRICTED"})
    @Execution(CONCURRENT)
    void loneRoamWithoutHelpEndsWithConsentIfTheOtherNatFilters(NatKind filtering) throws InterruptedException {
        try (NatLab lab = NatLab.build(filtering, FULL_CONE);
                Transfer transfer = Transfer.start(lab, folder, SERVER_SENDS)) {
            transfer.killSignaling();
            lab.roam(lab.b());
            transfer.assertConsentExpired();
        }
    }

    /** Each side has gone from path to path, at least so often. */
    private static void assertPathChanges(Transfer transfer, int least) {
        int both = transfer.peers().stream().mapToInt(Transfer::pathChanges).sum();
        assertThat(both).as("%s", transfer.peers()).isGreaterThanOrEqualTo(least);
    }
}
