package dev.floe.ice.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Two agents over a virtual network, thousands of times. A failure names its seed; {@code -Dfloe.seed=N} runs that
 * scenario alone.
 */
class IceSimulationTest {

    private static final int SCENARIOS = 2_000;
    private static final long LIMIT_MILLIS = 120_000;

    private final Map<String, Integer> met = new TreeMap<>();

    @Test
    void everyScenarioThatCanConnectDoesAndTheOthersFail() {
        Long only = Long.getLong("floe.seed");
        long first = only == null ? 0 : only;
        long end = only == null ? SCENARIOS : only + 1;
        for (long seed = first; seed < end; seed++) {
            Scenario scenario = Scenario.of(seed);
            assertThatCode(() -> play(scenario))
                    .as(
                            "%s; replay with: mvn -pl ice -am test -Dtest=IceSimulationTest -Dfloe.seed=%d "
                                    + "-Dsurefire.failIfNoSpecifiedTests=false",
                            scenario, seed)
                    .doesNotThrowAnyException();
        }
        report(end - first);
        if (only == null) {
            assertThat(met)
                    .hasSize(25 + 11)
                    .allSatisfy((what, count) -> assertThat(count).isPositive());
        }
    }

    private void play(Scenario scenario) {
        VirtualNetwork network = new VirtualNetwork(scenario);
        network.run(LIMIT_MILLIS);
        count(scenario, network);
        if (!scenario.isConnectable()) {
            assertThat(network.a.state()).isEqualTo(IceState.FAILED);
            assertThat(network.b.state()).isEqualTo(IceState.FAILED);
            return;
        }
        assertThat(network.a.state()).isEqualTo(IceState.COMPLETED);
        assertThat(network.b.state()).isEqualTo(IceState.COMPLETED);
        // What was nominated first may still be revised; then both sides must stay with what they agreed on.
        network.runFor(15_000);
        assertThat(network.a.role()).isNotEqualTo(network.b.role());
        assertThat(network.route(network.a, network.b))
                .as("data from a arrives at b from the address that b has selected")
                .contains(network.b.selected().remoteAddress());
        assertThat(network.route(network.b, network.a))
                .as("data from b arrives at a from the address that a has selected")
                .contains(network.a.selected().remoteAddress());
        assertThat(network.a.trusts(network.a.selected().remoteAddress())).isTrue();
        assertThat(network.b.trusts(network.b.selected().remoteAddress())).isTrue();
    }

    private void count(Scenario scenario, VirtualNetwork network) {
        met(scenario.natA() + " x " + scenario.natB(), true);
        met("~loss", network.lost > 0);
        met("~reordering", network.reordered > 0);
        met("~both controlling", scenario.roleA() == IceRole.CONTROLLING && scenario.roleB() == IceRole.CONTROLLING);
        met("~both controlled", scenario.roleA() == IceRole.CONTROLLED && scenario.roleB() == IceRole.CONTROLLED);
        met("~role switched by a request", network.a.switchedByRequest + network.b.switchedByRequest > 0);
        met("~role switched by a 487", network.a.switchedBy487 + network.b.switchedBy487 > 0);
        met("~early checks", network.a.earlyChecks + network.b.earlyChecks > 0);
        met("~late answer", scenario.isLate());
        met("~one side by the book", scenario.isPlainA() != scenario.isPlainB());
        met("~nomination revised", nominations(network.a) > 1);
        met("~peer-reflexive", network.a.events().stream().anyMatch(IceSimulationTest::isPeerReflexive));
    }

    private void met(String what, boolean isMet) {
        met.merge(what, isMet ? 1 : 0, Integer::sum);
    }

    private void report(long scenarios) {
        StringBuilder text = new StringBuilder(scenarios + " scenarios, of which met");
        met.forEach((what, count) -> text.append(String.format("%n  %5d  %s", count, what.replace("~", ""))));
        System.out.println(text);
    }

    private static long nominations(VirtualPeer peer) {
        return peer.events().stream()
                .filter(event -> event instanceof IceEvent.PairNominated)
                .count();
    }

    private static boolean isPeerReflexive(IceEvent event) {
        return event instanceof IceEvent.RemoteCandidateAdded added
                && added.candidate().type() == dev.floe.ice.CandidateType.PEER_REFLEXIVE;
    }
}
