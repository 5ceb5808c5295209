package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.AddressPolicy;
import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceState;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnTransport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RelayTest {

    private static final InetSocketAddress SERVER = ScriptedPeer.address("203.0.113.10", 3478);
    private static final InetSocketAddress RELAYED = ScriptedPeer.address("203.0.113.10", 49_152);
    private static final InetSocketAddress RELAYED_V6 = ScriptedPeer.address("2001:db8:1::10", 49_153);
    private static final InetSocketAddress MAPPED = ScriptedPeer.address("198.51.100.9", 50_000);
    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress REMOTE_RELAY = ScriptedPeer.address("203.0.113.30", 4001);
    private static final TurnAllocation ALLOCATION = new TurnAllocation(SERVER, List.of(RELAYED), MAPPED);

    private final AgentDriver driver = AgentDriver.of(CONTROLLING);

    @Test
    void relayedAddressIsACandidateAndWhatTheServerSawAnotherOne() {
        driver.gather(plan(1));
        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERING);

        driver.relay(ALLOCATION, TurnTransport.UDP);

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        assertThat(candidates(driver))
                .extracting(Candidate::address)
                .containsExactly(AgentDriver.HOST, RELAYED, MAPPED);
        assertThat(candidate(driver, CandidateType.RELAYED).relatedAddress()).isEqualTo(MAPPED);
        assertThat(candidate(driver, CandidateType.SERVER_REFLEXIVE).relatedAddress())
                .isEqualTo(AgentDriver.HOST);
        assertThat(driver.events(IceEvent.LocalCandidateAdded.class)).hasSize(3);
    }

    @ParameterizedTest
    @EnumSource(
            value = TurnTransport.class,
            names = {"TCP", "TLS"})
    void addressOfAConnectionIsNoServerReflexiveOne(TurnTransport transport) {
        driver.gather(plan(1)).relay(ALLOCATION, transport);

        assertThat(candidates(driver))
                .extracting(Candidate::type)
                .containsExactly(CandidateType.HOST, CandidateType.RELAYED);
    }

    @Test
    void checksLeaveFromTheRelayedAddressToo() {
        driver.gather(plan(1)).relay(ALLOCATION, TurnTransport.UDP);
        driver.describe(ScriptedPeer.host(REMOTE, 1000)).runFor(9);

        assertThat(driver.requestsTo(REMOTE))
                .extracting(AgentDriver.Sent::base)
                .containsExactly(AgentDriver.BASE, RELAYED);
    }

    @Test
    void bothFamiliesOfARelayAreCandidates() {
        driver.gather(plan(1))
                .relay(new TurnAllocation(SERVER, List.of(RELAYED, RELAYED_V6), MAPPED), TurnTransport.UDP);

        assertThat(candidates(driver)).extracting(Candidate::address).contains(RELAYED, RELAYED_V6);
    }

    @Test
    void familiesOfSeveralRelaysTakeTurns() {
        InetSocketAddress otherV6 = ScriptedPeer.address("2001:db8:2::10", 49_154);
        InetSocketAddress otherV4 = ScriptedPeer.address("203.0.113.11", 49_155);
        driver.gather(plan(2))
                .relay(new TurnAllocation(SERVER, List.of(RELAYED, RELAYED_V6), MAPPED), TurnTransport.UDP)
                .relay(new TurnAllocation(SERVER, List.of(otherV4, otherV6), MAPPED), TurnTransport.UDP);

        assertThat(candidates(driver).stream()
                        .filter(candidate -> candidate.type() == CandidateType.RELAYED)
                        .sorted(Comparator.comparingLong(candidate -> -candidate.priority())))
                .extracting(Candidate::address)
                .containsExactly(RELAYED_V6, RELAYED, otherV6, otherV4);
    }

    @Test
    void relayThatIsTheStunServerTooAddsNoSecondServerReflexiveCandidate() {
        driver.gather(new GatherPlan(List.of(AgentDriver.HOST), AgentDriver.BASE, List.of(SERVER), 1, Map.of()));
        driver.receive(
                StunMessage.success(driver.lastRequestTo(SERVER).message())
                        .add(new StunAttribute.XorMappedAddress(MAPPED))
                        .build(),
                SERVER);
        driver.relay(ALLOCATION, TurnTransport.UDP);

        assertThat(candidates(driver))
                .extracting(Candidate::address)
                .containsExactly(AgentDriver.HOST, MAPPED, RELAYED);
    }

    @Test
    void relayOverUdpIsPreferredAndEachTransportIsAFoundationOfItsOwn() {
        driver.gather(plan(3));
        driver.relay(allocation(1), TurnTransport.TLS);
        driver.relay(allocation(2), TurnTransport.TCP);
        driver.relay(allocation(3), TurnTransport.UDP);

        List<Candidate> relays = candidates(driver).stream()
                .filter(candidate -> candidate.type() == CandidateType.RELAYED)
                .toList();
        assertThat(relays).extracting(Candidate::foundation).doesNotHaveDuplicates();
        assertThat(relays).extracting(Candidate::priority).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void relayThatFailsIsToldOfAndWaitedForNoMore() {
        driver.gather(plan(1)).relayFailed(SERVER, "401 Unauthorized");

        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        assertThat(driver.events(IceEvent.ServerFailed.class))
                .containsExactly(new IceEvent.ServerFailed(SERVER, "401 Unauthorized"));
    }

    @Test
    void silentRelayHoldsTheDescriptionUpForFiveSecondsOnly() {
        driver.gather(plan(1)).runFor(4999);
        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERING);

        assertThat(driver.runFor(1).agent.state()).isEqualTo(IceState.GATHERED);
    }

    @Test
    void relayIsWaitedForThoughASilentStunServerIsNot() {
        driver.gather(new GatherPlan(
                List.of(AgentDriver.HOST),
                AgentDriver.BASE,
                List.of(ScriptedPeer.address("203.0.113.11", 3478)),
                1,
                Map.of()));
        driver.runFor(500).relay(ALLOCATION, TurnTransport.UDP);
        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERING);

        driver.runFor(500);
        assertThat(driver.agent.state()).isEqualTo(IceState.GATHERED);
        assertThat(driver.events(IceEvent.ServerFailed.class)).hasSize(1);
    }

    @Test
    void relayThatComesLateIsToldAndChecked() {
        driver.gather(plan(1)).runFor(5000);
        driver.describe(ScriptedPeer.host(REMOTE, 1000)).runFor(100);
        driver.relay(ALLOCATION, TurnTransport.UDP).runFor(100);

        assertThat(driver.events(IceEvent.LocalCandidateAdded.class)).hasSize(3);
        assertThat(driver.requestsTo(REMOTE)).extracting(AgentDriver.Sent::base).contains(RELAYED);
    }

    @Test
    void withRelaysAloneTheHostIsNeitherToldNorHeard() {
        AgentDriver hidden = relayOnly();
        hidden.describe(ScriptedPeer.host(REMOTE, 1000)).runFor(100);
        int sent = hidden.sent.size();
        hidden.receive(hidden.peer.check(), AgentDriver.BASE, REMOTE);

        assertThat(hidden.sent).hasSize(sent);
        assertThat(candidates(hidden)).extracting(Candidate::address).containsExactly(RELAYED);
        assertThat(candidates(hidden).get(0).toSdp()).endsWith("typ relay raddr 0.0.0.0 rport 9");
        assertThat(hidden.sent).isNotEmpty().extracting(AgentDriver.Sent::base).containsOnly(RELAYED);
    }

    @Test
    void withRelaysAloneAPairConnects() {
        AgentDriver hidden = relayOnly();
        hidden.answered = request -> true;
        hidden.describe(ScriptedPeer.candidate(CandidateType.RELAYED, "r", REMOTE_RELAY, 1000))
                .runFor(100);

        assertThat(hidden.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(hidden.agent.selectedPair().orElseThrow().base()).isEqualTo(RELAYED);
    }

    @Test
    void noRelayLearnsTheAddressThatANameHides() throws Exception {
        Candidate named = Candidate.parse("1 1 udp 2130706431 2f1b1a6e-6d5b-4c0f-9f53-0c1d2e3f4a5b.local 4000 typ host")
                .orElseThrow();
        InetSocketAddress found = new InetSocketAddress(
                InetAddress.getByAddress(named.host(), REMOTE.getAddress().getAddress()), 4000);
        driver.gather(plan(1)).relay(ALLOCATION, TurnTransport.UDP);
        driver.describe(named, new Candidate(named.foundation(), named.priority(), found, named.type(), null))
                .runFor(200);

        assertThat(driver.requestsTo(REMOTE))
                .isNotEmpty()
                .extracting(AgentDriver.Sent::base)
                .containsOnly(AgentDriver.BASE);
    }

    @Test
    void lostRelayIsNoCandidateAnyMoreAndAnotherPairTakesOver() {
        driver.gather(plan(1)).relay(ALLOCATION, TurnTransport.UDP);
        driver.answered = request -> request.base().equals(RELAYED);
        driver.describe(ScriptedPeer.host(REMOTE, 1000)).runFor(200);
        assertThat(driver.agent.selectedPair().orElseThrow().base()).isEqualTo(RELAYED);

        TurnAllocation second = allocation(2);
        driver.answered = request -> request.base().equals(second.relayed().get(0));
        driver.relayLost(ALLOCATION);
        assertThat(candidates(driver)).extracting(Candidate::address).doesNotContain(RELAYED);
        driver.sent.clear();
        driver.relay(second, TurnTransport.UDP).runFor(1000);

        assertThat(driver.agent.selectedPair().orElseThrow().base())
                .isEqualTo(second.relayed().get(0));
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
    }

    @Test
    void relayAddedAfterTheEndDoesNothing() {
        driver.gather(plan(1)).close();
        driver.relay(ALLOCATION, TurnTransport.UDP).relayLost(ALLOCATION).relayFailed(SERVER, "late");

        assertThat(driver.events(IceEvent.ServerFailed.class)).isEmpty();
    }

    private static AgentDriver relayOnly() {
        IceConfig config = IceConfig.builder(CONTROLLING)
                .addressPolicy(AddressPolicy.RELAY_ONLY)
                .build();
        AgentDriver hidden = AgentDriver.of(CONTROLLING, config);
        hidden.gather(new GatherPlan(List.of(), AgentDriver.BASE, List.of(), 1, Map.of()));
        return hidden.relay(ALLOCATION, TurnTransport.UDP);
    }

    private static GatherPlan plan(int relays) {
        return new GatherPlan(List.of(AgentDriver.HOST), AgentDriver.BASE, List.of(), relays, Map.of());
    }

    private static TurnAllocation allocation(int number) {
        InetSocketAddress relayed = ScriptedPeer.address("203.0.113.10", 49_160 + number);
        return new TurnAllocation(SERVER, List.of(relayed), MAPPED);
    }

    private static List<Candidate> candidates(AgentDriver driver) {
        return driver.agent.localDescription().candidates();
    }

    private static Candidate candidate(AgentDriver driver, CandidateType type) {
        return candidates(driver).stream()
                .filter(candidate -> candidate.type() == type)
                .findFirst()
                .orElseThrow();
    }
}
