package dev.floe.demo.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What an agent takes with 2 to 200 candidates of its own, each with a socket of its own, and as many of the other side:
 * all pairs there could be are looked at, and the hundred best are checked (RFC 8445 §6.1.2.5). Processor time of one
 * side, under virtual time.
 */
final class CandidateGrowth {

    private static final List<Integer> SIZES = List.of(2, 10, 50, 200);
    private static final int LEAST_RUNS = 5;
    private static final Duration LEAST_TIME = Duration.ofMillis(700);
    private static final Duration CHECKS = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(20);

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** One session, in microseconds of one side. */
    private record Session(
            double gather, double form, double trickle, double check, double idleSecond, double connectedMillis, int pairs) {}

    private CandidateGrowth() {}

    static List<Figure> measure(Report report) {
        SIZES.forEach(CandidateGrowth::sessions);
        Growth gather = new Growth();
        Growth form = new Growth();
        Growth trickle = new Growth();
        Growth check = new Growth();
        Growth idle = new Growth();
        for (int size : SIZES) {
            List<Session> sessions = sessions(size);
            double possible = (double) size * size;
            int pairs = sessions.get(0).pairs();
            gather.add(size, median(sessions, Session::gather));
            form.add(possible, median(sessions, Session::form));
            trickle.add(possible, median(sessions, Session::trickle));
            check.add(pairs, median(sessions, Session::check));
            idle.add(pairs, median(sessions, Session::idleSecond));
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("candidates", size);
            fields.put("possible_pairs", size * size);
            fields.put("pairs", pairs);
            fields.put("gather_us_each", tenths(gather.lastOfEach()));
            fields.put("form_us_each", hundredths(form.lastOfEach()));
            fields.put("trickle_us_each", hundredths(trickle.lastOfEach()));
            fields.put("check_us_each", tenths(check.lastOfEach()));
            fields.put("idle_us_s_each", hundredths(idle.lastOfEach()));
            fields.put("connected_virtual_ms", median(sessions, Session::connectedMillis));
            report.step("growth", fields);
        }
        List<Figure> figures = new ArrayList<>();
        figures.addAll(gather.figures("gather", "us", "µs of CPU to gather, by candidates"));
        figures.addAll(form.figures("form", "us", "µs to form the checklist of a description, by possible pairs"));
        figures.addAll(trickle.figures("trickle", "us", "µs to form it one candidate at a time, by possible pairs"));
        figures.addAll(check.figures("check", "us", "µs for all checks of 10 s, by pairs"));
        figures.addAll(idle.figures("idle_pair", "us", "µs for each second after that, by pairs"));
        return figures;
    }

    private static List<Session> sessions(int size) {
        List<Session> sessions = new ArrayList<>();
        long start = System.nanoTime();
        while (sessions.size() < LEAST_RUNS || System.nanoTime() - start < LEAST_TIME.toNanos()) {
            sessions.add(session(size));
        }
        return sessions;
    }

    private static Session session(int size) {
        VirtualAgents trickling = new VirtualAgents();
        trickling.gather(size);
        double trickle = micros(trickling::trickle);

        VirtualAgents agents = new VirtualAgents();
        double gather = micros(() -> agents.gather(size));
        double form = micros(agents::describe);
        double check = micros(() -> agents.run(CHECKS));
        double idle = micros(() -> agents.run(IDLE));
        return new Session(
                gather,
                form,
                trickle,
                check,
                idle / IDLE.toSeconds(),
                agents.connectedMillis(),
                agents.pairs());
    }

    /** Of one of the two sides. */
    private static double micros(Runnable work) {
        long start = THREADS.getCurrentThreadCpuTime();
        work.run();
        return (THREADS.getCurrentThreadCpuTime() - start) / 2e3;
    }

    private static double median(List<Session> sessions, ToDoubleFunction<Session> cost) {
        return sessions.stream().mapToDouble(cost).sorted().toArray()[sessions.size() / 2];
    }

    private static double tenths(double value) {
        return Math.round(value * 10) / 10.0;
    }

    private static double hundredths(double value) {
        return Math.round(value * 100) / 100.0;
    }
}
