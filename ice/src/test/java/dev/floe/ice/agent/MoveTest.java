package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentDriver.Sent;
import dev.floe.ice.agent.GatherPlan.Host;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A change of this host's network in one and the same session. */
class MoveTest {

    private static final InetSocketAddress SERVER = ScriptedPeer.address("203.0.113.10", 3478);
    private static final InetSocketAddress DEAD = ScriptedPeer.address("203.0.113.11", 3478);
    private static final InetSocketAddress MAPPED = ScriptedPeer.address("203.0.113.77", 50_000);
    private static final InetSocketAddress REMAPPED = ScriptedPeer.address("203.0.113.88", 50_001);
    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress NEXT = ScriptedPeer.address("192.0.2.99", 5000);
    private static final InetSocketAddress SECOND = ScriptedPeer.address("10.1.2.3", 5001);
    private static final Host WIFI = new Host(AgentDriver.HOST, AgentDriver.BASE);
    private static final Host OTHER_WIFI = new Host(NEXT, AgentDriver.BASE);
    private static final Host LTE = new Host(SECOND, SECOND);

    private final AgentDriver driver = AgentDriver.of(CONTROLLING);

    // --- candidates

    @Test
    void newAddressIsToldAndTheOldOneIsNoCandidateAnyMore() {
        connect(WIFI);

        driver.networkChanged(plan(OTHER_WIFI));

        assertThat(addresses()).containsExactly(NEXT);
        assertThat(driver.events(IceEvent.LocalCandidateAdded.class))
                .extracting(added -> added.candidate().address())
                .containsExactly(AgentDriver.HOST, NEXT);
        driver.runFor(20_000);
        assertThat(driver.events(IceEvent.Restarted.class)).isEmpty();
        assertThat(driver.events(IceEvent.GatheringCompleted.class)).hasSize(1);
    }

    @Test
    void stunIsAskedAnewAtOnceFromEachBase() {
        connect(WIFI);
        driver.sent.clear();

        driver.networkChanged(plan(OTHER_WIFI, LTE)).runFor(30);

        assertThat(driver.requestsTo(SERVER)).extracting(Sent::base).contains(AgentDriver.BASE, SECOND);
        assertThat(driver.requestsTo(SERVER).get(0).atMillis()).isLessThan(driver.nowMillis() - 20);
    }

    @Test
    void eachBaseHasAMappingOfItsOwn() {
        driver.gather(plan(WIFI, LTE)).runFor(10);
        map(AgentDriver.BASE, MAPPED);
        map(SECOND, REMAPPED);

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        assertThat(candidate(MAPPED).relatedAddress()).isEqualTo(AgentDriver.HOST);
        assertThat(candidate(REMAPPED).relatedAddress()).isEqualTo(SECOND);
    }

    @Test
    void mappingOfABaseThatMovedIsWithdrawnBeforeItsSuccessorIsKnown() {
        driver.gather(plan(WIFI));
        map(AgentDriver.BASE, MAPPED);
        assertThat(addresses()).contains(MAPPED);

        driver.networkChanged(plan(OTHER_WIFI));
        assertThat(addresses()).containsExactly(NEXT);
        driver.runFor(10);
        map(AgentDriver.BASE, REMAPPED);

        assertThat(addresses()).containsExactly(NEXT, REMAPPED);
        assertThat(candidate(REMAPPED).relatedAddress()).isEqualTo(NEXT);
    }

    @Test
    void mappingThatIsTheSameYieldsNothingNewAndAnotherTakesItsPlace() {
        connect(WIFI);
        map(AgentDriver.BASE, MAPPED);
        driver.runFor(1_000).networkChanged(plan(WIFI)).runFor(10);
        map(AgentDriver.BASE, MAPPED);
        assertThat(driver.events(IceEvent.LocalCandidateAdded.class)).hasSize(2);

        driver.runFor(1_000).networkChanged(plan(WIFI)).runFor(10);
        map(AgentDriver.BASE, REMAPPED);

        assertThat(driver.events(IceEvent.LocalCandidateAdded.class)).hasSize(3);
        assertThat(addresses()).containsExactly(AgentDriver.HOST, REMAPPED);
    }

    @Test
    void mappingThatOneOfTwoServersStillSeesStays() {
        driver.gather(new GatherPlan(List.of(WIFI), List.of(SERVER, DEAD), 0, Map.of()))
                .runFor(10);
        map(AgentDriver.BASE, MAPPED);
        driver.receive(seen(driver.lastRequestTo(DEAD), MAPPED), DEAD).runFor(1_000);

        driver.networkChanged(new GatherPlan(List.of(WIFI), List.of(SERVER, DEAD), 0, Map.of()))
                .runFor(10);
        map(AgentDriver.BASE, REMAPPED);
        assertThat(addresses()).contains(MAPPED, REMAPPED);
        driver.receive(seen(driver.lastRequestTo(DEAD), REMAPPED), DEAD);

        assertThat(addresses()).containsExactly(AgentDriver.HOST, REMAPPED);
    }

    @Test
    void answerToAQuestionOfBeforeTheMoveIsNotTaken() {
        driver.gather(plan(WIFI));
        Sent asked = driver.lastRequestTo(SERVER);
        driver.networkChanged(plan(OTHER_WIFI));

        driver.receive(seen(asked, MAPPED), SERVER);

        assertThat(addresses()).containsExactly(NEXT);
    }

    @Test
    void secondAddressBesideTheFirstLeavesItsMappingAlone() {
        connect(WIFI);
        map(AgentDriver.BASE, MAPPED);

        driver.networkChanged(plan(WIFI, LTE));

        assertThat(addresses()).containsExactly(AgentDriver.HOST, MAPPED, SECOND);
    }

    @Test
    void preferencesStayUniqueOverManyMoves() {
        connect(WIFI);
        for (int i = 1; i < 200; i++) {
            Host next = new Host(ScriptedPeer.address("192.0.2." + i % 3, 5000), AgentDriver.BASE);
            driver.networkChanged(i % 5 == 0 ? plan(next, LTE) : plan(next, WIFI, LTE))
                    .runFor(i);
        }

        assertThat(driver.agent.localDescription().candidates())
                .hasSizeBetween(2, 3)
                .extracting(Candidate::priority)
                .doesNotHaveDuplicates();
    }

    @Test
    void lateAnswerOfAServerIsACandidateStill() {
        connect(WIFI);
        Sent asked = driver.lastRequestTo(SERVER);
        driver.runFor(3_000);
        assertThat(driver.events(IceEvent.GatheringCompleted.class)).hasSize(1);

        driver.receive(seen(asked, MAPPED), SERVER);

        assertThat(addresses()).containsExactly(AgentDriver.HOST, MAPPED);
    }

    // --- when

    @Test
    void moveBeforeGatheringDoesNothing() {
        driver.networkChanged(plan(OTHER_WIFI));

        assertThat(driver.agent.state()).isEqualTo(IceState.NEW);
        driver.gather(plan(WIFI));
        assertThat(addresses()).containsExactly(AgentDriver.HOST);
    }

    @Test
    void moveWhileGatheringGoesOnEndsItOnce() {
        driver.gather(plan(WIFI)).runFor(500).networkChanged(plan(OTHER_WIFI)).runFor(20);
        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERING);

        map(AgentDriver.BASE, MAPPED);
        driver.runFor(20_000);

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        assertThat(addresses()).containsExactly(NEXT, MAPPED);
        assertThat(driver.events(IceEvent.GatheringCompleted.class)).hasSize(1);
        assertThat(driver.events(IceEvent.ServerFailed.class)).isEmpty();
    }

    @Test
    void moveWhileARelayIsAwaitedGoesOnAwaitingIt() {
        driver.gather(new GatherPlan(List.of(WIFI), List.of(), 1, Map.of()))
                .runFor(500)
                .networkChanged(new GatherPlan(List.of(OTHER_WIFI), List.of(), 0, Map.of()))
                .runFor(1_000);
        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERING);

        driver.relayFailed(SERVER, "refused");

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
    }

    @Test
    void moveBeforeAnyDescriptionIsCheckedFromWhenItComes() {
        driver.gather(plan(WIFI)).runFor(2_000).networkChanged(plan(LTE)).runFor(2_000);
        driver.sent.clear();

        driver.describe(ScriptedPeer.host(REMOTE, 1000)).runFor(100);

        assertThat(driver.requestsTo(REMOTE))
                .isNotEmpty()
                .extracting(Sent::base)
                .containsOnly(SECOND);
    }

    @Test
    void manyMovesInQuickSuccessionEndWithTheLastOne() {
        connect(WIFI);
        driver.sent.clear();
        for (int i = 0; i < 40; i++) {
            driver.networkChanged(i % 2 == 0 ? plan() : plan(i % 4 == 1 ? WIFI : OTHER_WIFI))
                    .runFor(50);
        }
        driver.networkChanged(plan(OTHER_WIFI)).runFor(10);
        map(AgentDriver.BASE, MAPPED);
        driver.runFor(5_000);

        assertThat(addresses()).containsExactly(NEXT, MAPPED);
        assertThat(driver.requestsTo(SERVER)).hasSizeLessThan(50);
        assertThat(driver.selected()).isEqualTo(REMOTE);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void addressThatGoesAndComesBackIsCheckedFromAgain(IceRole role) {
        AgentDriver driver = AgentDriver.of(role);
        connect(driver, WIFI);
        driver.networkChanged(plan()).runFor(3_000);
        assertThat(driver.agent.localDescription().candidates()).isEmpty();
        driver.sent.clear();

        driver.networkChanged(plan(WIFI)).runFor(100);

        assertThat(driver.requestsTo(REMOTE)).isNotEmpty();
        assertThat(driver.selected()).isEqualTo(REMOTE);
        driver.runFor(60_000);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
    }

    @Test
    void nothingThatChangedAsksStunOnceMoreButNotOverAndOver() {
        connect(WIFI);
        driver.runFor(10_000).sent.clear();

        for (int i = 0; i < 20; i++) {
            driver.networkChanged(plan(WIFI)).runFor(20);
            driver.receive(seen(driver.lastRequestTo(SERVER), MAPPED), SERVER);
        }

        assertThat(driver.requestsTo(SERVER)).hasSize(1);
    }

    @Test
    void networkThatIsSlowToComeUpIsAskedOnForSevenSeconds() {
        connect(WIFI);
        driver.sent.clear();

        driver.networkChanged(plan(OTHER_WIFI)).runFor(6_310);
        map(AgentDriver.BASE, MAPPED);

        assertThat(driver.requestsTo(SERVER)).hasSize(7);
        assertThat(addresses()).containsExactly(NEXT, MAPPED);
    }

    // --- second sockets

    @Test
    void baseThatComesIsCheckedFromAndOneThatGoesIsNot() {
        connect(WIFI);
        driver.sent.clear();
        driver.networkChanged(plan(WIFI, LTE)).runFor(1_000);
        assertThat(driver.requestsTo(REMOTE)).extracting(Sent::base).contains(SECOND);
        assertThat(driver.agent.stats()).hasSize(2);

        driver.networkChanged(plan(WIFI)).sent.clear();
        driver.runFor(60_000);

        assertThat(driver.sent).extracting(Sent::base).containsOnly(AgentDriver.BASE);
        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    @Test
    void pairOfABaseThatIsGoneGivesWayToOneThatIsThere() {
        driver.answered = request -> true;
        driver.gather(plan(LTE, WIFI)).describe(ScriptedPeer.host(REMOTE, 1000)).runFor(1_000);
        driver.networkChanged(plan(LTE, WIFI)).runFor(1_000);

        driver.networkChanged(plan(WIFI)).runFor(1_000);

        assertThat(driver.agent.selectedPair().orElseThrow().base()).isEqualTo(AgentDriver.BASE);
        assertThat(addresses()).doesNotContain(SECOND);
    }

    @Test
    void requestToABaseThatIsGoneMakesNoPair() {
        connect(WIFI, LTE);
        driver.networkChanged(plan(WIFI)).runFor(10);
        int pairs = driver.agent.stats().size();

        driver.receive(driver.peer.check(), SECOND, ScriptedPeer.address("203.0.113.5", 9));

        assertThat(driver.agent.stats()).hasSizeLessThanOrEqualTo(pairs);
    }

    @Test
    void serverThatIsSilentAtOneBaseIsToldOfOnceAMove() {
        connect(WIFI);
        driver.runFor(10_000).networkChanged(plan(OTHER_WIFI, LTE)).runFor(20);
        map(AgentDriver.BASE, MAPPED);
        driver.runFor(60_000);

        assertThat(driver.events(IceEvent.ServerFailed.class))
                .containsExactly(
                        new IceEvent.ServerFailed(SERVER, "no answer"),
                        new IceEvent.ServerFailed(SERVER, "no answer at 10.1.2.3"));
    }

    // --- by the book

    @Test
    void withAPeerByTheBookNothingIsAddedAfterTheFact() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLED);
        driver.answered = request -> true;
        driver.gather(plan(WIFI, LTE)).runFor(2_000).describe(ScriptedPeer.host(REMOTE, 1000));
        driver.receive(driver.peer.nominate(), REMOTE).runFor(1_000);
        assertThat(driver.selected()).isEqualTo(REMOTE);
        int told = driver.events(IceEvent.LocalCandidateAdded.class).size();
        driver.sent.clear();

        driver.networkChanged(plan(OTHER_WIFI)).runFor(10_000);

        assertThat(driver.events(IceEvent.LocalCandidateAdded.class)).hasSize(told);
        assertThat(driver.requestsTo(SERVER)).isEmpty();
        assertThat(driver.sent).extracting(Sent::base).doesNotContain(SECOND);
        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    // --- restarts

    @Test
    void pairOfBeforeARestartFollowsWithoutAWord() {
        connect(WIFI);
        driver.restart();
        int told = driver.events(IceEvent.LocalCandidateAdded.class).size();
        driver.sent.clear();

        driver.networkChanged(plan(WIFI, LTE)).runFor(1_000);

        assertThat(driver.events(IceEvent.LocalCandidateAdded.class)).hasSize(told);
        assertThat(driver.requestsTo(REMOTE)).extracting(Sent::base).contains(SECOND);
        assertThat(driver.requestsTo(SERVER)).isEmpty();
    }

    private void connect(Host... hosts) {
        connect(driver, hosts);
    }

    private static void connect(AgentDriver driver, Host... hosts) {
        driver.answered = request -> request.isTo(REMOTE);
        driver.gather(plan(hosts)).describe(ScriptedPeer.host(REMOTE, 1000));
        StunMessage check = driver.agent.role() == CONTROLLED ? driver.peer.nominate(1) : driver.peer.check();
        driver.receive(check, REMOTE).runFor(100);
        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    private void map(InetSocketAddress base, InetSocketAddress mapped) {
        Sent asked = driver.requestsTo(SERVER).stream()
                .filter(one -> one.base().equals(base))
                .reduce((first, last) -> last)
                .orElseThrow();
        driver.receive(seen(asked, mapped), base, SERVER);
    }

    private static StunMessage seen(Sent asked, InetSocketAddress mapped) {
        return StunMessage.success(asked.message())
                .add(new StunAttribute.XorMappedAddress(mapped))
                .build();
    }

    private List<InetSocketAddress> addresses() {
        return driver.agent.localDescription().candidates().stream()
                .map(Candidate::address)
                .toList();
    }

    private Candidate candidate(InetSocketAddress address) {
        return driver.agent.localDescription().candidates().stream()
                .filter(one -> one.address().equals(address) && one.type() == CandidateType.SERVER_REFLEXIVE)
                .findFirst()
                .orElseThrow();
    }

    private static GatherPlan plan(Host... hosts) {
        return new GatherPlan(List.of(hosts), List.of(SERVER), 0, Map.of());
    }
}
