package dev.floe.ice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceRole;
import dev.floe.ice.agent.AgentDriver.Sent;
import dev.floe.ice.agent.GatherPlan.Host;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How much an agent can be made to send to an address that has not asked for it (RFC 8445 §19.5.1). */
class CheckBudgetTest {

    private static final InetSocketAddress PEER = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress SECOND = ScriptedPeer.address("10.1.2.3", 5001);
    private static final GatherPlan TWO_BASES = new GatherPlan(
            List.of(new Host(AgentDriver.HOST, AgentDriver.BASE), new Host(SECOND, SECOND)), List.of(), 0, Map.of());

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void victimOfManyCandidatesOverTwoBasesGetsFiftyChecksASecondAtMost(IceRole role) {
        AgentDriver driver = AgentDriver.of(role).gather(TWO_BASES).describe(victims(300));
        driver.runFor(20_000);

        assertThat(mostWithinASecond(driver.sent)).isBetween(25, CheckBudget.PER_SECOND);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void victimWhoseAddressIsPutOnChecksOfThePeerGetsLittleMoreThanThose(IceRole role) {
        AgentDriver driver = AgentDriver.of(role).gather(TWO_BASES);
        driver.answered = request -> request.isTo(PEER);
        driver.describe(ScriptedPeer.host(PEER, 60_000)).runFor(100);
        driver.receive(role == IceRole.CONTROLLED ? driver.peer.nominate(1) : driver.peer.check(), PEER)
                .runFor(1_000);
        for (int i = 0; i < 40; i++) {
            driver.receive(driver.peer.check(), ScriptedPeer.address("203.0.113.9", 10_000 + i));
        }
        driver.suspect().runFor(5_000);

        List<Sent> toVictim = driver.sent.stream()
                .filter(sent -> sent.isRequest() && !sent.isTo(PEER))
                .toList();
        // The first check of each is an answer to one; what follows is not.
        assertThat(mostWithinASecond(toVictim)).isBetween(40, 40 + CheckBudget.PER_SECOND);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void victimNamedInALiveSessionGetsFiftyChecksASecondAtMostWhateverHappensToIt(IceRole role) {
        AgentDriver driver = AgentDriver.of(role).gather(TWO_BASES);
        driver.answered = request -> request.isTo(PEER);
        driver.describe(ScriptedPeer.host(PEER, 60_000)).runFor(100);
        driver.receive(role == IceRole.CONTROLLED ? driver.peer.nominate(1) : driver.peer.check(), PEER)
                .runFor(1_000);
        for (Candidate victim : victims(300)) {
            driver.trickle(victim).runFor(1);
        }
        driver.runFor(5_000);
        driver.answered = request -> false;
        driver.suspect().runFor(5_000).networkChanged(TWO_BASES).runFor(5_000);
        driver.restart().gather(TWO_BASES).runFor(5_000);

        List<Sent> toVictim =
                driver.sent.stream().filter(sent -> !sent.isTo(PEER)).toList();
        assertThat(mostWithinASecond(toVictim)).isBetween(10, CheckBudget.PER_SECOND);
    }

    @Test
    void otherAddressesDoNotWaitForOneThatHasHadItsShare() {
        AgentDriver driver = AgentDriver.of(IceRole.CONTROLLING).gather().describe(victims(90));
        driver.runFor(1_000).trickle(ScriptedPeer.host(PEER, 1)).runFor(30);

        assertThat(driver.requestsTo(PEER)).isNotEmpty();
    }

    private static Candidate[] victims(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> ScriptedPeer.candidate(
                        CandidateType.HOST, "v" + i, ScriptedPeer.address("203.0.113.50", 10_000 + i), 1000 + i))
                .toArray(Candidate[]::new);
    }

    private static int mostWithinASecond(List<Sent> sent) {
        int most = 0;
        Deque<Long> window = new ArrayDeque<>();
        for (Sent one : sent) {
            window.addLast(one.atNanos());
            while (window.peekFirst() <= one.atNanos() - 1_000_000_000) {
                window.removeFirst();
            }
            most = Math.max(most, window.size());
        }
        return most;
    }
}
