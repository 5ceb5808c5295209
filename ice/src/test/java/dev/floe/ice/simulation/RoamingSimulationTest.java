package dev.floe.ice.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.floe.ice.IceEvent;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.IceAgent;
import dev.floe.ice.simulation.RoamingNetwork.Silence;
import dev.floe.ice.simulation.RoamingScenario.Relay;
import dev.floe.ice.simulation.RoamingScenario.Step;
import dev.floe.ice.simulation.RoamingScenario.What;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Two connected peers that roam, a thousand times. A failure names its seed; {@code -Dfloe.seed=N} runs that scenario
 * alone, and {@code -Dfloe.seeds=N} so many from 0 on.
 */
class RoamingSimulationTest {

    private static final long SILENCE_MILLIS = 1_500;
    private static final int SCENARIOS = 1_000;
    // What is left of 30 s for finding each other, and for an answer that was five seconds old when it began.
    private static final int CONSENT_MILLIS = 20_000;

    private final Map<String, Integer> met = new TreeMap<>();
    private final Map<String, List<Long>> silent = new TreeMap<>();

    @Test
    void everyConnectionLivesOnWhereItsNetworksAllowIt() {
        Long only = Long.getLong("floe.seed");
        long first = only == null ? 0 : only;
        long end = only == null ? Integer.getInteger("floe.seeds", SCENARIOS) : only + 1;
        for (long seed = first; seed < end; seed++) {
            RoamingScenario scenario = RoamingScenario.of(seed);
            assertThatCode(() -> play(scenario))
                    .as(
                            "%s; replay with: mvn -pl ice -am test -Dtest=RoamingSimulationTest -Dfloe.seed=%d "
                                    + "-Dsurefire.failIfNoSpecifiedTests=false",
                            scenario, seed)
                    .doesNotThrowAnyException();
        }
        report(end - first);
        if (only == null) {
            assertThat(met)
                    .allSatisfy((what, count) -> assertThat(count).as(what).isPositive());
        }
    }

    private void play(RoamingScenario scenario) {
        RoamingNetwork network = new RoamingNetwork(scenario);
        if (!network.isReachable(false)) {
            met("never reachable", true);
            return;
        }
        network.run();
        network.runFor(20_000);
        boolean isEverHopeful = network.isReachable(false) && network.longestUnreachableMillis < CONSENT_MILLIS;
        if (scenario.hasSignaling() && isEverHopeful) {
            assertAlive(network);
        } else {
            assertAgreed(network);
        }
        count(scenario, network);
        measure(scenario, network);
        assertBounded(scenario, network);
        network.a.close();
        network.b.close();
        assertThat(network.a.deadlineNanos()).isEqualTo(IceAgent.NEVER);
        assertThat(network.b.deadlineNanos()).isEqualTo(IceAgent.NEVER);
    }

    private static void assertAlive(RoamingNetwork network) {
        assertThat(network.a.end).as("why a gave up").isEmpty();
        assertThat(network.b.end).as("why b gave up").isEmpty();
        assertCarriesData(network, network.a);
        assertCarriesData(network, network.b);
        assertThat(network.a.selected().orElseThrow().remoteAddress())
                .satisfies(remote -> assertThat(
                                network.route(network.a, network.a.selected().orElseThrow()))
                        .hasValueSatisfying(arrival -> assertThat(arrival.base())
                                .as("both use the same pair, seen from b")
                                .isEqualTo(network.b.selected().orElseThrow().base())));
    }

    private static void assertCarriesData(RoamingNetwork network, RoamingPeer from) {
        assertThat(network.route(from, from.selected().orElseThrow()))
                .as("where data arrives")
                .hasValueSatisfying(arrival -> {
                    assertThat(arrival.peer()).isSameAs(network.other(from));
                    assertThat(arrival.peer().trusts(arrival.base(), arrival.source()))
                            .isTrue();
                });
    }

    /** Without signaling a connection may die, but then for both sides and for the right reason. */
    private static void assertAgreed(RoamingNetwork network) {
        if (network.a.isOver() || network.b.isOver() || !isAlive(network)) {
            network.runFor(70_000);
        }
        assertThat(network.a.isOver()).as("b is over: %s", network.b.end).isEqualTo(network.b.isOver());
        if (network.a.isOver()) {
            assertThat(List.of(network.a.end, network.b.end)).containsOnly("CONSENT_EXPIRED");
        } else {
            assertAlive(network);
        }
    }

    private static boolean isAlive(RoamingNetwork network) {
        return List.of(network.a, network.b).stream()
                .allMatch(peer -> peer.selected()
                        .flatMap(pair -> network.route(peer, pair))
                        .isPresent());
    }

    private static void assertBounded(RoamingScenario scenario, RoamingNetwork network) {
        int before = network.a.requests + network.b.requests;
        network.runFor(20_000);
        assertThat(network.a.requests + network.b.requests - before)
                .as("requests in 20 s, from 20 s after the last step on")
                .isLessThan(400);
        assertThat(network.a.pairs()).isLessThanOrEqualTo(100);
        assertThat(network.b.pairs()).isLessThanOrEqualTo(100);
        int steps = scenario.steps().size();
        assertThat(network.a.count(IceEvent.PairNominated.class)).isLessThan(8 + 8L * steps);
        assertThat(network.b.count(IceEvent.PairNominated.class)).isLessThan(8 + 8L * steps);
    }

    private void count(RoamingScenario scenario, RoamingNetwork network) {
        boolean isAlive = network.a.state() == IceState.COMPLETED;
        met("ends alive", isAlive);
        met("ends with consent expired", !isAlive);
        met("signaling lives", scenario.hasSignaling());
        met("signaling dead", !scenario.hasSignaling());
        met("signaling dead, and yet alive", !scenario.hasSignaling() && isAlive);
        met("path lost", network.a.count(IceEvent.PathLost.class) > 0);
        met("loss", scenario.lossPercent() > 0);
        for (What what : What.values()) {
            met("step " + what, scenario.steps().stream().map(Step::what).anyMatch(what::equals));
        }
        for (Relay relay : Relay.values()) {
            met("relay " + relay, scenario.a().relay() == relay);
        }
        met("second interface", scenario.a().hasSecond());
        met("ten steps", scenario.steps().size() == 10);
    }

    // A burst of steps, a loss, or a step that hit nothing tells little of how long one of them takes.
    private void measure(RoamingScenario scenario, RoamingNetwork network) {
        List<Silence> silences = network.silences;
        for (int i = 0; i < silences.size(); i++) {
            Step step = silences.get(i).step;
            boolean isAlone = (i == 0
                            || step.atMillis() - silences.get(i - 1).step.endMillis() >= 3_000)
                    && (i + 1 == silences.size() || silences.get(i + 1).step.atMillis() - step.endMillis() >= 3_000);
            boolean isClear = scenario.lossPercent() == 0 && scenario.hasSignaling();
            if (isAlone && isClear && !silences.get(i).isEverUnreachable) {
                String help = silences.get(i).hasOtherWay ? "another way" : "signaling";
                long lasted = silences.get(i).hasOtherWay ? 0 : step.endMillis() - step.atMillis();
                long beyond = silences.get(i).millis - lasted - scenario.roundTripMillis();
                assertThat(beyond)
                        .as("silence beyond a round trip, in ms, after %s", step)
                        .isLessThan(SILENCE_MILLIS);
                silent.computeIfAbsent(step.what() + ", " + help, key -> new ArrayList<>())
                        .add(beyond);
            }
        }
    }

    private void met(String what, boolean isMet) {
        met.merge(what, isMet ? 1 : 0, Integer::sum);
    }

    private void report(long scenarios) {
        StringBuilder text = new StringBuilder(scenarios + " scenarios, of which met");
        met.forEach((what, count) -> text.append(String.format("%n  %5d  %s", count, what)));
        silent.forEach((what, millis) -> {
            millis.sort(null);
            text.append(String.format(
                    "%n  silence beyond a round trip, %s: median %d ms, 99 %% %d ms, most %d ms of %d",
                    what,
                    millis.get(millis.size() / 2),
                    millis.get(millis.size() * 99 / 100),
                    millis.get(millis.size() - 1),
                    millis.size()));
        });
        System.out.println(text);
    }
}
