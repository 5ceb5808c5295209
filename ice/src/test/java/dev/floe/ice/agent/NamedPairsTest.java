package dev.floe.ice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.NamedPair;
import dev.floe.ice.agent.AgentDriver.Sent;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnTransport;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An agent that pairs only relays by itself, and checks direct pairs as they are named. */
class NamedPairsTest {

    private static final InetSocketAddress TURN = ScriptedPeer.address("198.51.100.1", 3478);
    private static final InetSocketAddress OURS = ScriptedPeer.address("198.51.100.1", 50_000);
    private static final InetSocketAddress THEIRS = ScriptedPeer.address("198.51.100.1", 60_000);
    private static final InetSocketAddress PEER = ScriptedPeer.address("203.0.113.20", 4000);
    private static final TurnAllocation ALLOCATION = new TurnAllocation(TURN, List.of(OURS), AgentDriver.HOST);

    @Test
    void relaysAloneArePairedAndDescribed() {
        AgentDriver driver = gathered(IceRole.CONTROLLING)
                .describe(ScriptedPeer.host(PEER, 60_000), relayed())
                .runFor(1_000);

        assertThat(driver.agent.localDescription().candidates())
                .extracting(Candidate::address)
                .containsExactly(OURS);
        assertThat(driver.events(IceEvent.LocalCandidateAdded.class))
                .extracting(added -> added.candidate().address())
                .containsExactly(AgentDriver.HOST, OURS);
        assertThat(driver.sent)
                .isNotEmpty()
                .allMatch(sent -> sent.isTo(THEIRS) && sent.base().equals(OURS));
    }

    @ParameterizedTest
    @EnumSource
    void namedPairIsCheckedAndTakesTheRelaysPlace(IceRole role) {
        AgentDriver driver = connected(role);
        assertThat(driver.requestsTo(PEER)).isEmpty();

        driver.answered = request -> true;
        name(driver, PEER);
        driver.runFor(200);
        if (role == IceRole.CONTROLLED) {
            driver.receive(driver.peer.nominate(7), PEER).runFor(200);
        }

        assertThat(driver.requestsTo(PEER)).isNotEmpty();
        assertThat(driver.selected()).isEqualTo(PEER);
    }

    @Test
    void pairThatIsNotNamedAnyMoreIsForgotten() {
        AgentDriver driver = connected(IceRole.CONTROLLING);
        InetSocketAddress other = ScriptedPeer.address("203.0.113.21", 4001);
        name(driver, PEER);
        driver.runFor(100);
        name(driver, PEER, other);
        driver.runFor(100);
        assertThat(driver.requestsTo(other)).isNotEmpty();

        name(driver, other);
        int before = driver.requestsTo(PEER).size();
        driver.runFor(5_000);

        assertThat(driver.requestsTo(PEER)).hasSize(before);
        assertThat(driver.events(IceEvent.PairRemoved.class))
                .extracting(removed -> removed.pair().remoteAddress())
                .containsExactly(PEER);
    }

    @Test
    void pairThatHasAnsweredStaysThoughItIsNotNamedAnyMore() {
        AgentDriver driver = connected(IceRole.CONTROLLING);
        driver.answered = request -> true;
        name(driver, PEER);
        driver.runFor(500);
        name(driver);
        driver.runFor(5_000);
        assertThat(driver.selected()).isEqualTo(PEER);
    }

    @Test
    void directWayThatDiesIsLeftForTheRelay() {
        AgentDriver driver = connected(IceRole.CONTROLLING);
        driver.answered = request -> true;
        name(driver, PEER);
        driver.runFor(3_000);
        assertThat(driver.selected()).isEqualTo(PEER);

        driver.answered = request -> request.isTo(THEIRS);
        driver.suspect().runFor(3_000);

        assertThat(driver.selected()).isEqualTo(THEIRS);
    }

    @Test
    void pairOfAnAddressThatIsNoCandidateIsPassedOver() {
        AgentDriver driver = connected(IceRole.CONTROLLING);
        driver.agent.checkDirect(
                List.of(
                        new NamedPair(ScriptedPeer.address("192.0.2.99", 1), ScriptedPeer.host(PEER, 1)),
                        new NamedPair(OURS, ScriptedPeer.host(PEER, 1)),
                        new NamedPair(AgentDriver.HOST, ScriptedPeer.host(ScriptedPeer.address("fd00::9", 1), 1))),
                driver.nowNanos());
        driver.runFor(1_000);
        assertThat(driver.sent).allMatch(sent -> sent.isTo(THEIRS));
    }

    @Test
    void pairThatIsNamedBeforeThereIsAPeerIsPassedOver() {
        AgentDriver driver = gathered(IceRole.CONTROLLED);
        name(driver, PEER);
        assertThat(driver.runFor(1_000).sent).isEmpty();
    }

    @Test
    void relayThatDiesInTheMiddleLeavesTheNamedPair() {
        AgentDriver driver = connected(IceRole.CONTROLLING);
        name(driver, PEER);
        driver.runFor(20).relayLost(ALLOCATION).runFor(100);
        driver.answered = request -> request.isTo(PEER);
        driver.runFor(2_000);

        assertThat(driver.selected()).isEqualTo(PEER);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
    }

    @Test
    void relayThatDiesBeforeThereIsAnotherWayEndsTheSessionWithAReason() {
        AgentDriver driver = connected(IceRole.CONTROLLING);
        name(driver, PEER);
        driver.runFor(20).relayLost(ALLOCATION).runFor(31_000);

        assertThat(driver.events(IceEvent.SessionFailed.class))
                .containsExactly(new IceEvent.SessionFailed(IceEvent.SessionFailed.Reason.CONSENT_EXPIRED));
    }

    @Test
    void withoutARelayOnBothSidesThereIsNoPath() {
        IceConfig config = IceConfig.builder(IceRole.CONTROLLING)
                .directPairsOnRequest(true)
                .build();
        AgentDriver driver = AgentDriver.of(IceRole.CONTROLLING, config)
                .gather()
                .describe(ScriptedPeer.host(PEER, 60_000))
                .runFor(11_000);

        assertThat(driver.events(IceEvent.SessionFailed.class))
                .containsExactly(new IceEvent.SessionFailed(IceEvent.SessionFailed.Reason.NO_PATH));
    }

    @Test
    void addressThatIsGoneIsTold() {
        AgentDriver driver = connected(IceRole.CONTROLLING);
        InetSocketAddress next = ScriptedPeer.address("192.0.2.77", 5000);
        driver.networkChanged(new GatherPlan(List.of(next), AgentDriver.BASE, List.of()));

        assertThat(driver.events(IceEvent.LocalCandidateAdded.class))
                .extracting(added -> added.candidate().address())
                .contains(next);
        assertThat(driver.events(IceEvent.LocalCandidateRemoved.class))
                .extracting(removed -> removed.candidate().address())
                .containsExactly(AgentDriver.HOST);
    }

    /** A client that names a victim's ports, in round after round, for a minute. */
    @ParameterizedTest
    @EnumSource
    void victimGetsNoMoreThanItsBudget(IceRole role) {
        AgentDriver driver = connected(role);
        for (int round = 0; round < 600; round++) {
            int first = 1000 + 8 * round;
            name(
                    driver,
                    IntStream.range(0, 8)
                            .mapToObj(i -> ScriptedPeer.address("203.0.113.50", first + i))
                            .toArray(InetSocketAddress[]::new));
            driver.runFor(100);
        }
        assertWithin(60, CheckBudget.NAMED_ADDRESS, driver, sent -> !sent.isTo(THEIRS));
    }

    /** As behind the same NAT: that one port has answered says nothing of the others. */
    @Test
    void victimThatSharesThePeersAddressIsNotFairGame() {
        AgentDriver driver = connected(IceRole.CONTROLLING);
        driver.answered = request -> request.isTo(THEIRS) || request.isTo(PEER);
        name(driver, PEER);
        driver.runFor(500);
        for (int round = 0; round < 600; round++) {
            name(driver, new InetSocketAddress(PEER.getAddress(), 10_000 + round));
            driver.runFor(100);
        }
        assertWithin(61, CheckBudget.NAMED_ADDRESS, driver, sent -> !sent.isTo(THEIRS) && !sent.isTo(PEER));
    }

    @ParameterizedTest
    @EnumSource
    void victimsTogetherGetNoMoreThanTheConnectionsBudget(IceRole role) {
        AgentDriver driver = connected(role);
        for (int round = 0; round < 600; round++) {
            int net = round % 200;
            name(
                    driver,
                    IntStream.range(0, 8)
                            .mapToObj(i -> ScriptedPeer.address("10.1." + net + "." + (1 + i), 53))
                            .toArray(InetSocketAddress[]::new));
            driver.runFor(100);
        }
        assertWithin(60, CheckBudget.NAMED_ALL, driver, sent -> !sent.isTo(THEIRS));
    }

    /** Authentic checks with the victim for their sender make it the far end of pairs that nobody has named. */
    @Test
    void victimWhoseAddressIsPutOnChecksIsWithinTheBudgetToo() {
        AgentDriver driver = connected(IceRole.CONTROLLING);
        for (int i = 0; i < 600; i++) {
            driver.receive(driver.peer.check(), ScriptedPeer.address("203.0.113.50", 1000 + i))
                    .runFor(100);
        }
        // Answers apart, each of which is an answer to one.
        assertWithin(60, CheckBudget.NAMED_ADDRESS, driver, sent -> sent.isRequest() && !sent.isTo(THEIRS));
    }

    @Test
    void budgetIsAsDocumented() {
        assertThat(CheckBudget.NAMED_ADDRESS).isEqualTo(new CheckBudget.Rate(40, 2));
        assertThat(CheckBudget.NAMED_ALL).isEqualTo(new CheckBudget.Rate(100, 4));
    }

    private static void assertWithin(
            int seconds, CheckBudget.Rate rate, AgentDriver driver, Predicate<Sent> isCounted) {
        List<Sent> counted = driver.sent.stream().filter(isCounted).toList();
        assertThat(counted.size()).isBetween(rate.burst(), rate.burst() + seconds * rate.perSecond());
    }

    private static AgentDriver gathered(IceRole role) {
        IceConfig config = IceConfig.builder(role).directPairsOnRequest(true).build();
        return AgentDriver.of(role, config).gather().relay(ALLOCATION, TurnTransport.UDP);
    }

    /** Over the relays, which go on answering. */
    private static AgentDriver connected(IceRole role) {
        AgentDriver driver = gathered(role);
        driver.answered = request -> request.isTo(THEIRS);
        driver.describe(relayed()).runFor(100);
        driver.receive(role == IceRole.CONTROLLED ? driver.peer.nominate(1) : driver.peer.check(), OURS, THEIRS)
                .runFor(1_000);
        assertThat(driver.selected()).isEqualTo(THEIRS);
        return driver;
    }

    private static void name(AgentDriver driver, InetSocketAddress... remotes) {
        List<NamedPair> pairs = new ArrayList<>();
        for (InetSocketAddress remote : remotes) {
            pairs.add(new NamedPair(AgentDriver.HOST, ScriptedPeer.host(remote, 65_535 - pairs.size())));
        }
        driver.agent.checkDirect(pairs, driver.nowNanos());
        driver.runFor(0);
    }

    private static Candidate relayed() {
        return ScriptedPeer.candidate(CandidateType.RELAYED, "r", THEIRS, 65_535);
    }
}
