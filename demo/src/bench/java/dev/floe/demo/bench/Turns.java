package dev.floe.demo.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Transfers that take turns, round after round, so that the machine is the same to all; and what each has given. */
final class Turns {

    private static final int TURNS = 4;

    /** In Mbit/s, and for each second of processor time. */
    private record Rates(double mbit, double mbitPerCpuSecond) {}

    private final List<List<Rates>> rounds = new ArrayList<>();

    /** Lets them take turns; the order changes, so none is always the one that runs after another. */
    void round(List<Transfer> transfers) throws InterruptedException {
        for (int turn = 0; turn < TURNS; turn++) {
            for (int i = 0; i < transfers.size(); i++) {
                transfers.get((i + turn) % transfers.size()).slice();
            }
        }
        rounds.add(transfers.stream()
                .map(transfer -> new Rates(transfer.mbitPerSecond(), transfer.mbitPerCpuSecond()))
                .toList());
    }

    /** What the transfer at this place has given, the median of the rounds. */
    double mbitPerSecond(int place) {
        return median(round -> round.get(place).mbit());
    }

    /** What the last round has given. */
    long lastMbitPerSecond(int place) {
        return Math.round(rounds.get(rounds.size() - 1).get(place).mbit());
    }

    /** The one to the other within each round; the median of these. */
    double ratio(int place, int to) {
        return median(round -> round.get(place).mbit() / round.get(to).mbit());
    }

    /** The same for each second of processor time. */
    double cpuRatio(int place, int to) {
        return median(round -> round.get(place).mbitPerCpuSecond() / round.get(to).mbitPerCpuSecond());
    }

    private double median(ToDoubleFunction<List<Rates>> figure) {
        return rounds.stream().mapToDouble(figure).sorted().toArray()[rounds.size() / 2];
    }
}
