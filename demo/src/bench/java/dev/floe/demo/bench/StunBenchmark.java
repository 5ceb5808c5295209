package dev.floe.demo.bench;

import dev.floe.demo.bench.Jmh.Cost;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What a STUN message costs, against ice4j and against the cryptography in it; the parts take turns. */
final class StunBenchmark implements Benchmark {

    private static final int ROUNDS = 5;
    private static final int ITERATIONS = 4;
    private static final int MILLIS_EACH = 150;

    @Override
    public String name() {
        return "stun";
    }

    @Override
    public List<Figure> run(Report report) throws Exception {
        List<Map<String, Cost>> rounds = new ArrayList<>();
        for (int round = 1; round <= ROUNDS; round++) {
            Map<String, Cost> costs = Jmh.run(StunCosts.class, ITERATIONS, MILLIS_EACH);
            rounds.add(costs);
            report.step(name(), step(round, costs));
        }
        return List.of(
                figure("stun_decode_ns", rounds, time("decode"), "ns to read a Binding request"),
                figure("stun_decode_bytes", rounds, allocated("decode"), "bytes allocated for it"),
                figure("ice4j_decode_ns", rounds, time("decodeByIce4j"), "the same by ice4j"),
                figure("ice4j_decode_bytes", rounds, allocated("decodeByIce4j"), "the same by ice4j"),
                figure("stun_decode_ratio", rounds, ratio("decode", "decodeByIce4j"), "ours to ice4j's"),
                figure("stun_verify_ratio", rounds, ratio("verify", "bare"), "read, fingerprint and integrity checked, to bare HMAC-SHA1 plus CRC-32"),
                figure("stun_sign_ratio", rounds, ratio("sign", "bare"), "made and signed, to the same"));
    }

    private static Map<String, Object> step(int round, Map<String, Cost> costs) {
        return Map.of(
                "round", round,
                "decode_ns", Math.round(costs.get("decode").time()),
                "ice4j_ns", Math.round(costs.get("decodeByIce4j").time()),
                "verify_ns", Math.round(costs.get("verify").time()),
                "sign_ns", Math.round(costs.get("sign").time()),
                "bare_ns", Math.round(costs.get("bare").time()));
    }

    private static ToDoubleFunction<Map<String, Cost>> time(String method) {
        return costs -> costs.get(method).time();
    }

    private static ToDoubleFunction<Map<String, Cost>> allocated(String method) {
        return costs -> costs.get(method).allocatedBytes();
    }

    /** Of one round, which has seen one machine. */
    private static ToDoubleFunction<Map<String, Cost>> ratio(String method, String to) {
        return costs -> costs.get(method).time() / costs.get(to).time();
    }

    private static Figure figure(
            String name, List<Map<String, Cost>> rounds, ToDoubleFunction<Map<String, Cost>> value, String meaning) {
        double median = rounds.stream().mapToDouble(value).sorted().toArray()[ROUNDS / 2];
        return Figure.of(name, median, meaning + ", median of " + ROUNDS + " rounds");
    }
}
