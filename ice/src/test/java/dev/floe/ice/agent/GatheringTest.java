package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentDriver.Sent;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatheringTest {

    private static final InetSocketAddress SERVER = ScriptedPeer.address("203.0.113.10", 3478);
    private static final InetSocketAddress DEAD = ScriptedPeer.address("203.0.113.11", 3478);
    private static final InetSocketAddress MAPPED = ScriptedPeer.address("203.0.113.77", 50_000);
    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress HOST_V6 = ScriptedPeer.address("2001:db8::10", 5000);

    private final AgentDriver driver = AgentDriver.of(CONTROLLED);

    @Test
    void withoutServersTheDescriptionIsThereAtOnce() {
        driver.gather();

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        assertThat(driver.agent.localDescription().candidates())
                .extracting(Candidate::address)
                .containsExactly(AgentDriver.HOST);
        assertThat(driver.agent.deadlineNanos()).isEqualTo(IceAgent.NEVER);
    }

    @Test
    void mappedAddressIsAServerReflexiveCandidate() {
        driver.gather(SERVER);
        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERING);

        map(SERVER, MAPPED);

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        Candidate candidate = driver.agent.localDescription().candidates().get(1);
        assertThat(candidate.address()).isEqualTo(MAPPED);
        assertThat(candidate.type()).isEqualTo(CandidateType.SERVER_REFLEXIVE);
        assertThat(candidate.relatedAddress()).isEqualTo(AgentDriver.HOST);
        assertThat(driver.events(IceEvent.LocalCandidateAdded.class)).hasSize(2);
    }

    @Test
    void serverThatNeverAnswersHoldsTheDescriptionUpForTheTimeoutOnly() {
        driver.gather(DEAD).runFor(999);
        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERING);

        driver.runFor(1);

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        assertThat(driver.agent.localDescription().candidates()).hasSize(1);
        assertThat(driver.requestsTo(DEAD)).hasSizeBetween(3, 7);
        driver.sent.clear();
        assertThat(driver.runFor(60_000).sent).isEmpty();
    }

    @Test
    void queryThatWasDueWhileTheAgentSleptIsNotDueForEver() {
        driver.gather(DEAD).runFor(500);
        long late = driver.nowNanos() + Duration.ofSeconds(2).toNanos();
        driver.agent.advance(late);

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        assertThat(driver.agent.deadlineNanos()).isGreaterThan(late);
    }

    @Test
    void deadServerBesideALiveOneHoldsUpForLess() {
        driver.gather(SERVER, DEAD).runFor(20);
        map(SERVER, MAPPED);
        driver.runFor(250);

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        assertThat(driver.agent.localDescription().candidates()).hasSize(2);
    }

    @Test
    void lostQueryIsSentAgainBeforeAnotherServersAnswerEndsTheWait() {
        InetSocketAddress serverV6 = ScriptedPeer.address("2001:db8::53", 3478);
        driver.gather(List.of(HOST_V6, AgentDriver.HOST), serverV6, SERVER).runFor(10);
        map(serverV6, HOST_V6);
        driver.runFor(110);
        assertThat(driver.requestsTo(SERVER)).hasSize(2);

        driver.runFor(10);
        map(SERVER, MAPPED);

        assertThat(driver.agent.localDescription().candidates())
                .extracting(Candidate::address)
                .contains(MAPPED);
    }

    @Test
    void refusalOfOneServerDoesNotCutShortTheWaitForAnother() {
        driver.gather(DEAD, SERVER).runFor(10);
        StunMessage query = driver.lastRequestTo(DEAD).message();
        driver.receive(StunMessage.error(query, 500, "Server Error").build(), DEAD)
                .runFor(600);

        map(SERVER, MAPPED);

        assertThat(driver.agent.localDescription().candidates()).hasSize(2);
    }

    @Test
    void refusalOfTheOnlyServerEndsTheWait() {
        driver.gather(SERVER);
        driver.receive(
                StunMessage.error(driver.lastRequestTo(SERVER).message(), 500, "Server Error")
                        .build(),
                SERVER);

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        assertThat(driver.agent.localDescription().candidates()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "127.0.0.1", "224.0.0.1", "2001:db8::1"})
    void mappedAddressOfNoUseIsNoCandidate(String junk) {
        driver.gather(SERVER);
        map(SERVER, ScriptedPeer.address(junk, 50_000));

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        assertThat(driver.agent.localDescription().candidates()).hasSize(1);
    }

    @Test
    void mappedPortZeroIsNoCandidate() {
        driver.gather(SERVER);
        map(SERVER, ScriptedPeer.address("203.0.113.77", 0));

        assertThat(driver.agent.localDescription().candidates()).hasSize(1);
    }

    @Test
    void mappedAddressThatIsAHostCandidateIsNotNamedTwice() {
        driver.gather(SERVER);
        map(SERVER, AgentDriver.HOST);

        assertThat(driver.agent.localDescription().candidates()).hasSize(1);
    }

    @Test
    void answerFromAnotherAddressThanTheServersIsNotTaken() {
        driver.gather(SERVER);
        StunMessage query = driver.lastRequestTo(SERVER).message();
        driver.receive(
                StunMessage.success(query)
                        .add(new StunAttribute.XorMappedAddress(MAPPED))
                        .build(),
                DEAD);

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERING);
        assertThat(driver.agent.unauthenticated()).isOne();
    }

    @Test
    void secondAnswerOfAServerChangesNothing() {
        driver.gather(SERVER, DEAD);
        map(SERVER, MAPPED);
        map(SERVER, ScriptedPeer.address("203.0.113.78", 50_000));

        assertThat(driver.agent.localDescription().candidates()).hasSize(2);
    }

    @Test
    void serverOfAFamilyWithoutHostCandidateIsLeftOut() {
        driver.gather(ScriptedPeer.address("2001:db8::53", 3478));

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        assertThat(driver.sent).isEmpty();
    }

    @Test
    void mappingIsKeptAliveWhileTheOtherSideHasNotCome() {
        driver.gather(SERVER);
        map(SERVER, MAPPED);
        driver.sent.clear();
        driver.runFor(60_000);

        assertThat(driver.sent)
                .hasSize(4)
                .allMatch(one -> one.isTo(SERVER) && one.message().messageClass() == StunClass.INDICATION);
        assertThat(driver.sent).extracting(Sent::atMillis).containsExactly(15_000L, 30_000L, 45_000L, 60_000L);
    }

    @Test
    void mappingIsNotKeptAliveOnceAPairIsInUse() {
        driver.gather(SERVER);
        map(SERVER, MAPPED);
        driver.describe(ScriptedPeer.host(REMOTE, 1000));
        driver.answered = request -> true;
        driver.receive(driver.peer.nominate(1), REMOTE).runFor(60_000);

        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.sent.stream().filter(one -> one.isTo(SERVER))).hasSize(1);
    }

    @Test
    void serverReflexiveCandidateIsCheckedFromItsBaseOnce() {
        driver.gather(SERVER);
        map(SERVER, MAPPED);
        driver.describe(ScriptedPeer.host(REMOTE, 1000)).runFor(9);

        assertThat(driver.requestsTo(REMOTE)).hasSize(1);
    }

    @Test
    void twoServersOfOneMappingMakeOneCandidate() {
        driver.gather(SERVER, DEAD).runFor(5);
        map(SERVER, MAPPED);
        map(DEAD, MAPPED);

        assertThat(driver.agent.localDescription().candidates()).hasSize(2);
    }

    @Test
    void hostsAreOfDifferentFoundationsAndFallingPriorities() {
        driver.gather(List.of(HOST_V6, AgentDriver.HOST));

        List<Candidate> candidates = driver.agent.localDescription().candidates();
        assertThat(candidates.stream().map(Candidate::foundation).distinct()).hasSize(2);
        assertThat(candidates.get(0).priority()).isGreaterThan(candidates.get(1).priority());
    }

    @Test
    void secondGatherIsRefused() {
        driver.gather();

        assertThatIllegalStateException().isThrownBy(driver::gather).withMessageContaining("NEW");
    }

    @Test
    void controllingAgentPairsBothFamiliesFromItsOneBase() {
        AgentDriver both = AgentDriver.of(CONTROLLING).gather(List.of(HOST_V6, AgentDriver.HOST));
        InetSocketAddress remoteV6 = ScriptedPeer.address("2001:db8::20", 4000);
        both.describe(ScriptedPeer.host(remoteV6, 2000), ScriptedPeer.host(REMOTE, 1000))
                .runFor(5);

        assertThat(both.requestsTo(remoteV6)).hasSize(1);
        assertThat(both.requestsTo(REMOTE)).hasSize(1);
    }

    private void map(InetSocketAddress server, InetSocketAddress mapped) {
        StunMessage query = driver.lastRequestTo(server).message();
        driver.receive(
                StunMessage.success(query)
                        .add(new StunAttribute.XorMappedAddress(mapped))
                        .build(),
                server);
    }
}
