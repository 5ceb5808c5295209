package dev.floe.ice.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.IceAgent;
import dev.floe.ice.simulation.Scenario.Kind;
import dev.floe.ice.simulation.Scenario.Path;
import dev.floe.ice.simulation.Scenario.Signaling;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Two agents over a virtual network, ten thousand times. A failure names its seed; {@code -Dfloe.seed=N} runs that
 * scenario alone, and {@code -Dfloe.seeds=N} so many from 0 on.
 */
class IceSimulationTest {

    private static final int SCENARIOS = 10_000;
    private static final long LIMIT_MILLIS = 150_000;

    private final Map<String, Integer> met = new TreeMap<>();

    @Test
    void everyScenarioEndsWithTheBestPathThatItsNetworksAllow() {
        Long only = Long.getLong("floe.seed");
        long first = only == null ? 0 : only;
        long end = only == null ? Integer.getInteger("floe.seeds", SCENARIOS) : only + 1;
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
                    .allSatisfy((what, count) -> assertThat(count).as(what).isPositive());
        }
    }

    private void play(Scenario scenario) {
        VirtualNetwork network = new VirtualNetwork(scenario);
        network.run(LIMIT_MILLIS);
        // What was nominated first may still be revised; then both sides must stay with what they agreed on.
        network.runFor(15_000);
        Path path = pathOf(network);
        count(scenario, network, path);
        if (isCertain(scenario, network)) {
            assertThat(path).as("the path that they found").isEqualTo(scenario.best());
        } else {
            assertThat(path).as("the path that they found").isGreaterThanOrEqualTo(scenario.best());
        }
        assertBounded(network);
        network.a.close();
        network.b.close();
        assertThat(network.a.deadlineNanos()).isEqualTo(IceAgent.NEVER);
        assertThat(network.b.deadlineNanos()).isEqualTo(IceAgent.NEVER);
    }

    // A nomination that is final is made before all is tried; whoever has not been told of an address, or has not
    // learned
    // its own, cannot use it.
    private static boolean isCertain(Scenario scenario, VirtualNetwork network) {
        boolean isInformed = network.a.candidatesLost + network.b.candidatesLost == 0
                && network.a.knowsItself()
                && network.b.knowsItself();
        boolean isRevisable =
                !scenario.isPlain() || !(scenario.a().hasRelay() || scenario.b().hasRelay());
        return isInformed && isRevisable;
    }

    /** The path in use, after it has been seen to be the same at both ends. */
    private static Path pathOf(VirtualNetwork network) {
        VirtualPeer a = network.a;
        VirtualPeer b = network.b;
        assertThat(a.state()).isIn(IceState.COMPLETED, IceState.FAILED).isEqualTo(b.state());
        if (a.state() == IceState.FAILED) {
            return Path.NONE;
        }
        assertThat(a.role()).isNotEqualTo(b.role());
        assertCarriesData(network, a, b);
        assertCarriesData(network, b, a);
        boolean isRelayed = List.of(a, b).stream()
                .anyMatch(peer -> peer.host().relayAt(peer.selected().base()).isPresent());
        return isRelayed ? Path.RELAYED : Path.DIRECT;
    }

    private static void assertCarriesData(VirtualNetwork network, VirtualPeer from, VirtualPeer to) {
        assertThat(network.route(from, from.selected()))
                .as("where data arrives")
                .hasValueSatisfying(arrival -> {
                    assertThat(arrival.peer()).isSameAs(to);
                    assertThat(arrival.source())
                            .as("the address that the other side has selected")
                            .isEqualTo(to.selected().remoteAddress());
                    assertThat(arrival.base()).isEqualTo(to.selected().base());
                    assertThat(to.trusts(arrival.base(), arrival.source())).isTrue();
                });
    }

    private static void assertBounded(VirtualNetwork network) {
        int before = network.a.requests + network.b.requests;
        network.runFor(20_000);
        assertThat(network.a.requests + network.b.requests - before)
                .as("requests in 20 s once all is done, for consent or to be given up")
                .isLessThan(150);
        assertThat(network.a.pairs()).isLessThanOrEqualTo(200);
        assertThat(network.b.pairs()).isLessThanOrEqualTo(200);
    }

    private void count(Scenario scenario, VirtualNetwork network, Path path) {
        VirtualPeer a = network.a;
        VirtualPeer b = network.b;
        met(scenario.a().nat() + " x " + scenario.b().nat(), true);
        for (Path one : Path.values()) {
            met("path " + one, path == one);
        }
        for (Signaling one : Signaling.values()) {
            met("signaling " + one, scenario.signaling() == one);
        }
        for (int interfaces = 2; interfaces <= 4; interfaces++) {
            met("interfaces " + interfaces, scenario.a().interfaces() == interfaces);
        }
        met("~loss", network.lost > 0);
        met("~loss of 20 to 30 %", scenario.lossPercent() >= 20);
        met("~reordering", network.reordered > 0);
        met("~duplication", network.doubled > 0);
        met(
                "~both controlling",
                scenario.a().role() == IceRole.CONTROLLING && scenario.b().role() == IceRole.CONTROLLING);
        met(
                "~both controlled",
                scenario.a().role() == IceRole.CONTROLLED && scenario.b().role() == IceRole.CONTROLLED);
        met("~role switched by a request", a.switchedByRequest + b.switchedByRequest > 0);
        met("~role switched by a 487", a.switchedBy487 + b.switchedBy487 > 0);
        met("~early checks", a.earlyChecks + b.earlyChecks > 0);
        met("~late description", scenario.isLate());
        met(
                "~by the book: one side",
                (scenario.a().kind() == Kind.BY_THE_BOOK) != (scenario.b().kind() == Kind.BY_THE_BOOK));
        met(
                "~by the book: both sides",
                scenario.a().kind() == Kind.BY_THE_BOOK && scenario.b().kind() == Kind.BY_THE_BOOK);
        met("~lite", scenario.a().kind() == Kind.LITE || scenario.b().kind() == Kind.LITE);
        met("~UDP blocked", scenario.a().isUdpBlocked() || scenario.b().isUdpBlocked());
        met("~UDP blocked, and yet connected", scenario.a().isUdpBlocked() && path != Path.NONE);
        met("~restart while checking", network.restartedWhileChecking > 0);
        met("~restart while connected", network.restartedWhileConnected > 0);
        met("~restart of both sides", scenario.a().restarts() && scenario.b().restarts());
        met("~nomination revised", nominations(a) > 1 && !scenario.restarts());
        met("~relay left for a direct path", isRelayLeft(a) && path == Path.DIRECT);
        met("~relay between two relays", path == Path.RELAYED && isAtRelay(a) && isAtRelay(b));
        met("~candidate lost", a.candidatesLost + b.candidatesLost > 0);
        met("~peer-reflexive", a.events().stream().anyMatch(IceSimulationTest::isPeerReflexive));
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

    private static boolean isRelayLeft(VirtualPeer peer) {
        return peer.events().stream()
                .anyMatch(event -> event instanceof IceEvent.PairNominated nominated
                        && peer.host().relayAt(nominated.pair().base()).isPresent());
    }

    private static boolean isAtRelay(VirtualPeer peer) {
        return peer.host().relayAt(peer.selected().base()).isPresent();
    }

    private static boolean isPeerReflexive(IceEvent event) {
        return event instanceof IceEvent.RemoteCandidateAdded added
                && added.candidate().type() == CandidateType.PEER_REFLEXIVE;
    }
}
