package dev.floe.demo;

import static dev.floe.demo.Transfer.Direction.CLIENT_SENDS;
import static dev.floe.demo.Transfer.Direction.SERVER_SENDS;
import static dev.floe.demo.lab.LabAssumption.assumeCoturn;
import static dev.floe.demo.lab.LabAssumption.assumeLab;
import static dev.floe.demo.lab.NatKind.ADDRESS_RESTRICTED;
import static dev.floe.demo.lab.NatKind.PORT_RESTRICTED;
import static dev.floe.demo.lab.Uplink.WIFI;

import dev.floe.demo.Transfer.Direction;
import dev.floe.demo.lab.Coturn;
import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.NatLab;
import dev.floe.demo.lab.Wire;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Prints how long the application hears nothing when the network changes, 40 ms from peer to peer and back and 20 ms to the
 * servers: {@code mvn -B verify -Pfigures}, as root, takes some ten minutes.
 */
class RoamFigures {
    private static final Wire WIRE = new Wire(Duration.ofMillis(10), 20);
    private static final int RUNS = 5;
    private static final Duration A_WHILE = Duration.ofSeconds(4);
    private static final long FILE = 40_000_000;
    private static final int ROAMS = 5;
    private static final List<String> TABLE = new ArrayList<>();

    @TempDir
    private static Path folder;

    /** What happens to a connection, and the longest gap that it may cause, with a round trip of 40 ms. */
    enum Case {
        SECOND_PAIR("one peer roams, a second pair kept valid (b)", "1 RTT + 300", 340, PORT_RESTRICTED) {
            @Override
            void prepare(NatLab lab, Transfer transfer, Host mover) {
                transfer.killSignaling();
            }
        },
        TURN("one peer roams, through TURN (c)", "1 RTT + 500", 540, PORT_RESTRICTED) {
            @Override
            void prepare(NatLab lab, Transfer transfer, Host mover) {
                transfer.killSignaling();
            }
        },
        SIGNALING("one peer roams, through signaling (a)", "3 RTT + 400", 520, PORT_RESTRICTED),
        BOTH("both at once, through signaling (a)", "4 RTT + 500", 660, PORT_RESTRICTED) {
            @Override
            void happen(NatLab lab, Host mover) {
                lab.roam(lab.a(), lab.b());
            }
        },
        FORGET("NAT rebinding under traffic, same port", "2 RTT + 100", 180, PORT_RESTRICTED) {
            @Override
            void happen(NatLab lab, Host mover) {
                lab.forget(mover, WIFI);
            }
        },
        REBIND("NAT rebinding under traffic, other port", "2 RTT + 100", 180, ADDRESS_RESTRICTED) {
            @Override
            void happen(NatLab lab, Host mover) {
                lab.rebind(mover, WIFI);
            }
        },
        BLACK_HOLE("silent black hole with a second way", "1500", 1500, PORT_RESTRICTED) {
            @Override
            void happen(NatLab lab, Host mover) {
                lab.cut(mover, WIFI);
            }
        };

        private final String text;
        private final String goal;
        private final int goalMillis;
        private final NatKind nat;

        Case(String text, String goal, int goalMillis, NatKind nat) {
            this.text = text;
            this.goal = goal;
            this.goalMillis = goalMillis;
            this.nat = nat;
        }

        void prepare(NatLab lab, Transfer transfer, Host mover) {}

        void happen(NatLab lab, Host mover) {
            lab.roam(mover);
        }

        private boolean hasLte() {
            return this == SECOND_PAIR || this == BLACK_HOLE;
        }
    }

    @BeforeAll
    static void assume() {
        assumeLab();
        assumeCoturn();
    }

    @AfterAll
    static void printTable() {
        System.out.println("| case | goal | median | worst |\n|---|---|---|---|");
        TABLE.forEach(System.out::println);
    }

    @ParameterizedTest
    @EnumSource
    void gap(Case what) throws InterruptedException {
        List<Double> gaps = new ArrayList<>();
        for (int run = 0; run < RUNS; run++) {
            gaps.add(gap(what, run % 2 == 0, run % 4 < 2 ? SERVER_SENDS : CLIENT_SENDS));
        }
        print(what.text, "≤ " + what.goal + " ms", "%.0f ms", gaps, what.goalMillis);
    }

    private static double gap(Case what, boolean isClientMoving, Direction direction) throws InterruptedException {
        try (NatLab lab = NatLab.build(what.nat, what.nat, WIRE)) {
            Host mover = isClientMoving ? lab.b() : lab.a();
            if (what.hasLte()) {
                lab.startLte(mover);
            }
            String[] options = what == Case.TURN
                    ? new String[] {"--turn", Coturn.start(lab.server(), folder).option("udp")}
                    : new String[0];
            try (Transfer transfer = Transfer.start(lab, folder, direction, options)) {
                transfer.awaitFlow(A_WHILE);
                what.prepare(lab, transfer, mover);
                transfer.awaitFlow();
                what.happen(lab, mover);
                transfer.awaitFlow(A_WHILE);
                transfer.end();
                double gap = transfer.receiver().result().path("max_gap_ms").asDouble();
                System.out.printf(
                        Locale.ROOT,
                        "%s: %s, %s moves: %.0f ms%n",
                        what.text,
                        direction,
                        isClientMoving ? "client" : "server",
                        gap);
                return gap;
            }
        }
    }

    @Test
    void totalTime() throws InterruptedException {
        List<Double> ratios = new ArrayList<>();
        for (int run = 0; run < RUNS; run++) {
            Direction direction = run % 2 == 0 ? SERVER_SENDS : CLIENT_SENDS;
            double with = seconds(direction, ROAMS);
            double without = seconds(direction, 0);
            System.out.printf(Locale.ROOT, "total time: %s: %.1f s, %.1f s without roams%n", direction, with, without);
            ratios.add(with / without);
        }
        print("transfer's total time with 5 roams against none", "≤ 1.3 ×", "%.2f ×", ratios, 1.3);
    }

    private static double seconds(Direction direction, int roams) throws InterruptedException {
        try (NatLab lab = NatLab.build(PORT_RESTRICTED, PORT_RESTRICTED, WIRE);
                Transfer transfer = Transfer.of(lab, folder, direction, FILE)) {
            for (int roam = 1; roam <= roams; roam++) {
                transfer.awaitReceived(FILE * roam / (roams + 1));
                if (roam % 2 == 0) {
                    lab.unroam(lab.b());
                } else {
                    lab.roam(lab.b());
                }
            }
            transfer.assertWhole();
            return transfer.receivingSeconds();
        }
    }

    private static void print(String what, String goal, String format, List<Double> figures, double limit) {
        List<Double> sorted = figures.stream().sorted().toList();
        double median = sorted.get(sorted.size() / 2);
        double worst = sorted.get(sorted.size() - 1);
        String row = "| %s | %s | " + format + " | " + format + "%s |";
        TABLE.add(String.format(Locale.ROOT, row, what, goal, median, worst, median > limit ? " (missed)" : ""));
    }
}
