package dev.floe.demo.bench;

import dev.floe.demo.bench.Transfer.Direction;
import java.util.ArrayList;
import java.util.List;

/**
 * One stream's throughput while somebody sends both peers a thousand datagrams a second each with the connection's real
 * header, from an address that ICE does not know. Each round makes two links, one of them under attack, and lets the two
 * take turns.
 */
final class ForgedBenchmark implements Benchmark {

    private static final int WARM_UP_ROUNDS = 2;
    private static final int ROUNDS = 7;
    private static final int TURNS = 5;

    @Override
    public String name() {
        return "forged";
    }

    @Override
    public List<Figure> run(Report report) throws Exception {
        List<Double> up = new ArrayList<>();
        List<Double> down = new ArrayList<>();
        long sent = 0;
        try (Peers peers = Peers.create()) {
            for (int round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
                Round upwards = Round.run(peers, Direction.UP);
                Round downwards = Round.run(peers, Direction.DOWN);
                if (round >= WARM_UP_ROUNDS) {
                    up.add(upwards.ratio());
                    down.add(downwards.ratio());
                    sent += upwards.forged() + downwards.forged();
                }
            }
        }
        return List.of(
                Figure.of(
                        "forged_ratio",
                        Math.min(median(up), median(down)),
                        "throughput under forged datagrams to that without, median of " + ROUNDS + ", worse direction"),
                Figure.of("forged_datagrams", sent, "forged datagrams sent meanwhile, 1,000 a second to each peer"));
    }

    /** What one pair of links has given. */
    private record Round(double ratio, long forged) {

        static Round run(Peers peers, Direction direction) throws Exception {
            try (SwappedLink attacked = SwappedLink.connect(peers);
                    SwappedLink calm = SwappedLink.connect(peers);
                    Forger forger = Forger.against(attacked)) {
                Transfer under = Transfer.open(peers, attacked, direction);
                Transfer without = Transfer.open(peers, calm, direction);
                for (int turn = 0; turn < TURNS; turn++) {
                    if (turn % 2 == 0) {
                        slice(forger, under);
                        without.slice();
                    } else {
                        without.slice();
                        slice(forger, under);
                    }
                }
                return new Round(under.mbitPerSecond() / without.mbitPerSecond(), forger.sent());
            }
        }

        private static void slice(Forger forger, Transfer under) throws InterruptedException {
            forger.run(true);
            under.slice();
            forger.run(false);
        }
    }

    private static double median(List<Double> ratios) {
        return ratios.stream().sorted().toList().get(ratios.size() / 2);
    }
}
