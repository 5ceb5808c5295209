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
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Candidates that come one by one, on either side (RFC 8838). */
class TrickleTest {

    private static final InetSocketAddress SERVER = ScriptedPeer.address("203.0.113.10", 3478);
    private static final InetSocketAddress MAPPED = ScriptedPeer.address("203.0.113.77", 50_000);
    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress OTHER = ScriptedPeer.address("198.51.100.30", 4000);
    private static final InetSocketAddress RELAY = ScriptedPeer.address("203.0.113.99", 49_152);
    private static final Candidate REMOTE_HOST = ScriptedPeer.host(REMOTE, 1000);
    private static final Candidate OTHER_HOST = ScriptedPeer.host(OTHER, 2000);

    // --- what this side tells

    @Test
    void descriptionPromisesMoreCandidatesUntilAllAreGathered() {
        AgentDriver driver = AgentDriver.of(CONTROLLED);
        assertThat(driver.agent.localDescription().isComplete()).isFalse();
        driver.gather(SERVER);
        assertThat(driver.agent.localDescription().candidates()).hasSize(1);
        assertThat(driver.agent.localDescription().isComplete()).isFalse();

        map(driver);

        assertThat(driver.agent.localDescription().candidates()).hasSize(2);
        assertThat(driver.agent.localDescription().isComplete()).isTrue();
        assertThat(driver.events)
                .endsWith(new IceEvent.GatheringCompleted(), new IceEvent.StateChanged(IceState.GATHERED));
    }

    @Test
    void endOfGatheringIsToldOnceAndAfterTheLastCandidate() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather(SERVER).begin(REMOTE_HOST);
        map(driver);
        driver.runFor(5_000);

        List<IceEvent> gathering = driver.events.stream()
                .filter(event ->
                        event instanceof IceEvent.LocalCandidateAdded || event instanceof IceEvent.GatheringCompleted)
                .toList();
        assertThat(gathering).hasSize(3);
        assertThat(gathering.get(2)).isEqualTo(new IceEvent.GatheringCompleted());
    }

    @Test
    void descriptionOfASideThatDoesNotTrickleIsAlwaysComplete() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLING);

        assertThat(driver.peer.beginning(List.of()).isComplete()).isTrue();
    }

    // --- checks while candidates still come

    @Test
    void lateCandidateFormsPairsFromItsOwnBaseAlone() {
        InetSocketAddress lan = ScriptedPeer.address("192.0.2.10", 5000);
        InetSocketAddress wifi = ScriptedPeer.address("192.0.2.11", 5000);
        GatherPlan.Host first = new GatherPlan.Host(lan, lan);
        GatherPlan.Host second = new GatherPlan.Host(wifi, wifi);
        Candidate[] tooMany = IntStream.range(0, Checklist.MAX_PAIRS)
                .mapToObj(i -> ScriptedPeer.host(ScriptedPeer.address("198.51.100." + i, 4000), 1000 + i))
                .toArray(Candidate[]::new);
        AgentDriver driver = AgentDriver.of(CONTROLLED)
                .gather(new GatherPlan(List.of(first, second), List.of(SERVER), 0, Map.of()))
                .begin(tooMany);
        driver.events.clear();

        map(driver);

        InetSocketAddress answered = driver.requestsTo(SERVER).get(0).base();
        assertThat(driver.events(IceEvent.PairAdded.class))
                .isNotEmpty()
                .allMatch(added -> added.pair().base().equals(answered));
    }

    @Test
    void checksStartWhileThisSideIsStillGathering() {
        AgentDriver driver =
                AgentDriver.of(CONTROLLED).gather(SERVER).begin(REMOTE_HOST).runFor(5);

        assertThat(driver.requestsTo(REMOTE)).hasSize(1);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);
        map(driver);
        assertThat(driver.agent.localDescription().candidates()).hasSize(2);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);
    }

    @Test
    void withAPeerThatCannotTrickleChecksWaitForTheWholeDescription() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLED)
                .gather(SERVER)
                .describe(REMOTE_HOST)
                .runFor(999);
        assertThat(driver.requestsTo(REMOTE)).isEmpty();

        assertThat(driver.runFor(51).requestsTo(REMOTE)).hasSize(1);
    }

    @Test
    void descriptionMayComeBeforeGatheringBegins() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).begin().trickle(REMOTE_HOST);
        assertThat(driver.sent).isEmpty();

        assertThat(driver.gather().requestsTo(REMOTE)).hasSize(1);
    }

    @Test
    void candidateThatComesAfterTheDescriptionIsCheckedInTheNextSlot() {
        AgentDriver driver =
                AgentDriver.of(CONTROLLED).gather().begin().runFor(3_000).trickle(REMOTE_HOST);

        assertThat(driver.requestsTo(REMOTE)).hasSize(1);
        assertThat(driver.events(IceEvent.RemoteCandidateAdded.class))
                .containsExactly(new IceEvent.RemoteCandidateAdded(REMOTE_HOST));
    }

    @Test
    void candidateThatComesTwiceIsOneCandidate() {
        AgentDriver driver =
                AgentDriver.of(CONTROLLED).gather().begin(REMOTE_HOST).trickle(REMOTE_HOST);
        driver.trickle(ScriptedPeer.candidate(CandidateType.SERVER_REFLEXIVE, "x", REMOTE, 9))
                .runFor(5);

        assertThat(driver.requestsTo(REMOTE)).hasSize(1);
        assertThat(driver.events(IceEvent.RemoteCandidateAdded.class)).hasSize(1);
    }

    @Test
    void sameDescriptionAgainAddsWhatItHasMore() {
        AgentDriver driver =
                AgentDriver.of(CONTROLLED).gather().begin(REMOTE_HOST).describe(REMOTE_HOST, OTHER_HOST);

        assertThat(driver.events(IceEvent.RemoteCandidateAdded.class)).hasSize(2);
    }

    @Test
    void candidateWithoutADescriptionIsRefused() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather();

        assertThatIllegalStateException().isThrownBy(() -> driver.trickle(REMOTE_HOST));
        assertThatIllegalStateException().isThrownBy(driver::endOfRemoteCandidates);
    }

    @Test
    void latePairOfAFoundationUnderWayWaitsForIt() {
        Candidate first = ScriptedPeer.candidate(CandidateType.HOST, "same", REMOTE, 2000);
        Candidate late = ScriptedPeer.candidate(CandidateType.HOST, "same", OTHER, 1000);
        AgentDriver driver =
                AgentDriver.of(CONTROLLED).gather().begin(first).trickle(late).runFor(100);
        assertThat(driver.requestsTo(OTHER)).isEmpty();

        driver.answer(driver.lastRequestTo(REMOTE)).runFor(5);

        assertThat(driver.requestsTo(OTHER)).hasSize(1);
    }

    @Test
    void latePairOfAFoundationThatHasSucceededIsCheckedAtOnce() {
        Candidate first = ScriptedPeer.candidate(CandidateType.HOST, "same", REMOTE, 2000);
        Candidate late = ScriptedPeer.candidate(CandidateType.HOST, "same", OTHER, 1000);
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().begin(first);
        driver.answer(driver.lastRequestTo(REMOTE)).runFor(10).trickle(late);

        assertThat(driver.requestsTo(OTHER)).hasSize(1);
    }

    @Test
    void lateCandidateThatIsBetterIsNominatedInItsTurn() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().begin(REMOTE_HOST);
        driver.answered = request -> true;
        driver.runFor(100);
        assertThat(driver.selected()).isEqualTo(REMOTE);

        driver.trickle(OTHER_HOST).runFor(100);

        assertThat(driver.selected()).isEqualTo(OTHER);
    }

    @Test
    void lateCandidateThatIsWorseIsCheckedToo() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().begin(OTHER_HOST);
        driver.answered = request -> true;
        driver.runFor(100).trickle(REMOTE_HOST).runFor(1_000);

        assertThat(driver.requestsTo(REMOTE)).hasSize(1);
        assertThat(driver.selected()).isEqualTo(OTHER);
    }

    // --- a check that comes before its candidate (RFC 8445 §7.3.1.3, RFC 8838 §11)

    @Test
    void lateCandidateTakesThePlaceOfThePeerReflexiveOne() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().begin();
        driver.receive(driver.peer.nominate(1), REMOTE).runFor(5);
        driver.answer(driver.lastRequestTo(REMOTE));
        assertThat(driver.agent.selectedPair().orElseThrow().remote().type()).isEqualTo(CandidateType.PEER_REFLEXIVE);

        driver.trickle(REMOTE_HOST).runFor(1_000);

        assertThat(driver.agent.selectedPair().orElseThrow().remote()).isEqualTo(REMOTE_HOST);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.requestsTo(REMOTE)).hasSize(1);
        assertThat(driver.events(IceEvent.PairNominated.class)).hasSize(1);
    }

    @Test
    void lateCandidateLeavesTheCheckUnderWayAlone() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().begin();
        driver.receive(driver.peer.check(), REMOTE).runFor(5);
        Sent nominating = driver.lastRequestTo(REMOTE);
        driver.trickle(REMOTE_HOST).runFor(5);
        assertThat(driver.lastRequestTo(REMOTE).message()).isEqualTo(nominating.message());

        assertThat(driver.answer(nominating).selected()).isEqualTo(REMOTE);
    }

    @Test
    void relayThatWasHeardBeforeItWasSignaledGivesWayToADirectPairOnceItIsKnown() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather().begin();
        driver.answered = request -> true;
        driver.receive(driver.peer.check(), RELAY).runFor(10);
        Candidate reflexive = ScriptedPeer.candidate(CandidateType.SERVER_REFLEXIVE, "s", REMOTE, 1000);
        driver.trickle(reflexive).runFor(100);
        assertThat(driver.selected()).isEqualTo(RELAY);

        driver.trickle(ScriptedPeer.candidate(CandidateType.RELAYED, "r", RELAY, 65_535))
                .runFor(10);

        assertThat(driver.selected()).isEqualTo(REMOTE);
    }

    @Test
    void controlledSideGoesOnPunchingWhileTheSelectedPairMayBeARelays() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().begin();
        driver.answered = request -> request.isTo(RELAY);
        driver.receive(driver.peer.nominate(1), RELAY).runFor(10);
        assertThat(driver.selected()).isEqualTo(RELAY);

        driver.trickle(ScriptedPeer.candidate(CandidateType.SERVER_REFLEXIVE, "s", REMOTE, 1000))
                .runFor(100);

        assertThat(driver.requestsTo(REMOTE)).isNotEmpty();
    }

    // --- the end

    @Test
    void withoutTheWordThatAllIsToldPatienceIsTwiceAsLong() {
        AgentDriver driver =
                AgentDriver.of(CONTROLLED).gather().begin(REMOTE_HOST).runFor(19_999);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);

        assertThat(driver.runFor(1_000).agent.state()).isEqualTo(IceState.FAILED);
    }

    @Test
    void wordThatAllIsToldDoesNotEndPatienceEarly() {
        AgentDriver driver =
                AgentDriver.of(CONTROLLED).gather().begin(REMOTE_HOST).endOfRemoteCandidates();
        driver.runFor(9_999);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);

        assertThat(driver.runFor(1_000).agent.state()).isEqualTo(IceState.FAILED);
    }

    @Test
    void wordThatAllIsToldEndsTheWaitForMore() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().begin().runFor(15_000);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);

        assertThat(driver.endOfRemoteCandidates().agent.state()).isEqualTo(IceState.FAILED);
    }

    @Test
    void candidateThatComesLateHasItsTime() {
        AgentDriver driver =
                AgentDriver.of(CONTROLLED).gather().begin().runFor(19_000).trickle(REMOTE_HOST);
        driver.runFor(8_000);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);

        driver.answered = request -> true;
        assertThat(driver.runFor(2_000).agent.state()).isEqualTo(IceState.CONNECTED);
    }

    // --- bounds

    @Test
    void bestCandidatesAreCheckedHoweverLateTheyCome() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().begin();
        for (int i = 0; i < 300; i++) {
            driver.trickle(ScriptedPeer.host(ScriptedPeer.address("198.51.100." + i % 250, 10_000 + i), i));
        }
        driver.trickle(ScriptedPeer.host(OTHER, 60_000)).runFor(5);

        assertThat(driver.requestsTo(OTHER)).hasSize(1);
    }

    @Test
    void churnOfCandidatesIsBounded() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().begin();
        IntStream.range(0, 5_000)
                .mapToObj(i -> ScriptedPeer.host(ScriptedPeer.address("198.51.100.7", 10_000 + i), i))
                .forEach(driver::trickle);

        assertThat(driver.events(IceEvent.RemoteCandidateAdded.class)).hasSize(1_000);
    }

    @Test
    void pairsThatShowedSomethingOutlastAFloodOfCandidates() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().begin();
        driver.receive(driver.peer.check(new StunAttribute.UseCandidate()), REMOTE)
                .runFor(5);
        Sent check = driver.lastRequestTo(REMOTE);
        IntStream.range(0, 500)
                .mapToObj(i -> ScriptedPeer.host(ScriptedPeer.address("198.51.100.7", 10_000 + i), 65_535))
                .forEach(driver::trickle);

        assertThat(driver.answer(check).selected()).isEqualTo(REMOTE);
    }

    private static void map(AgentDriver driver) {
        StunMessage query = driver.lastRequestTo(SERVER).message();
        driver.receive(
                StunMessage.success(query)
                        .add(new StunAttribute.XorMappedAddress(MAPPED))
                        .build(),
                SERVER);
    }
}
