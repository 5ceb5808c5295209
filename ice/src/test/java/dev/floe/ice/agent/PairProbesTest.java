package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.agent.AgentDriver.Sent;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is sent over pairs that are not selected, once one is. */
class PairProbesTest {

    private static final InetSocketAddress USED = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress SPARE = ScriptedPeer.address("198.51.100.30", 4000);
    private static final InetSocketAddress RELAY = ScriptedPeer.address("203.0.113.99", 49_152);
    private static final Candidate USED_HOST = ScriptedPeer.host(USED, 60_000);
    private static final Candidate SPARE_HOST = ScriptedPeer.host(SPARE, 1000);
    private static final Candidate RELAYED = ScriptedPeer.candidate(CandidateType.RELAYED, "r", RELAY, 65_535);

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void everyPairIsCheckedThoughOneIsSelected(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST, SPARE_HOST, RELAYED);

        assertThat(driver.agent.stats()).hasSize(3).allMatch(stats -> stats.responsesReceived() > 0);
        assertThat(driver.selected()).isEqualTo(USED);
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void keptPairsAreProbedEveryEightToTwelveSeconds(IceRole role) {
        AgentDriver driver = connected(role, USED_HOST, SPARE_HOST, RELAYED);
        driver.runFor(120_000);

        for (InetSocketAddress kept : List.of(SPARE, RELAY)) {
            assertThat(gaps(driver.requestsTo(kept)))
                    .hasSizeBetween(8, 15)
                    .allSatisfy(gap -> assertThat(gap).isBetween(7_900L, 12_100L));
        }
    }

    @Test
    void ofManyValidPairsSixAreKeptAndARelayIsAmongThem() {
        Candidate[] many = IntStream.range(0, 40)
                .mapToObj(i -> ScriptedPeer.host(ScriptedPeer.address("198.51.100." + (100 + i), 4000), 1000 + i))
                .toArray(Candidate[]::new);
        Candidate[] all = new Candidate[42];
        System.arraycopy(many, 0, all, 0, 40);
        all[40] = USED_HOST;
        all[41] = RELAYED;
        AgentDriver driver = connected(CONTROLLED, all);
        driver.runFor(30_000);
        driver.sent.clear();
        driver.runFor(60_000);

        List<InetSocketAddress> probed = driver.sent.stream()
                .map(Sent::destination)
                .distinct()
                .filter(destination -> !destination.equals(USED))
                .toList();
        assertThat(probed).hasSize(6).contains(RELAY);
        assertThat(driver.sent.size()).isLessThan(70);
    }

    @Test
    void keptPairThatDiesIsLookedAfterLessAndLessOften() {
        AgentDriver driver = connected(CONTROLLED, USED_HOST, SPARE_HOST);
        driver.answered = request -> request.isTo(USED);
        driver.runFor(200_000);

        List<Long> gaps = gaps(driver.requestsTo(SPARE));
        assertThat(gaps.subList(0, 2)).allSatisfy(gap -> assertThat(gap).isBetween(1_000L, 1_005L));
        List<Long> later = gaps.subList(gaps.size() - 5, gaps.size());
        assertThat(later).allSatisfy(gap -> assertThat(gap).isBetween(12_000L, 18_000L));

        driver.answered = request -> true;
        driver.runFor(18_000);
        assertThat(driver.events(IceEvent.PairValidated.class))
                .last()
                .satisfies(valid -> assertThat(valid.pair().remoteAddress()).isEqualTo(SPARE));
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void whileARelayIsInUseDirectPairsThatNeverWorkedAreTriedNowAndThen(IceRole role) {
        AgentDriver driver = AgentDriver.of(role).gather();
        driver.answered = request -> request.isTo(RELAY);
        driver.describe(USED_HOST, RELAYED);
        driver.receive(role == CONTROLLED ? driver.peer.nominate(1) : driver.peer.check(), RELAY)
                .runFor(30_000);
        assertThat(driver.selected()).isEqualTo(RELAY);
        driver.sent.clear();
        driver.runFor(90_000);
        assertThat(driver.requestsTo(USED)).hasSizeBetween(4, 10);

        driver.answered = request -> true;
        driver.runFor(18_100);
        if (role == CONTROLLING) {
            assertThat(driver.selected()).isEqualTo(USED);
        }
    }

    @Test
    void pairsThatNeverWorkedAreLeftAloneWhileADirectOneIsInUse() {
        AgentDriver driver = AgentDriver.of(CONTROLLING).gather();
        driver.answered = request -> request.isTo(USED);
        driver.describe(USED_HOST, SPARE_HOST, RELAYED);
        driver.receive(driver.peer.check(), USED).runFor(5_000);
        int tried = driver.requestsTo(SPARE).size();
        assertThat(tried).isBetween(6, 12);

        driver.runFor(300_000);

        assertThat(driver.requestsTo(SPARE)).hasSize(tried);
    }

    private static AgentDriver connected(IceRole role, Candidate... candidates) {
        AgentDriver driver = AgentDriver.of(role).gather();
        driver.answered = request -> true;
        driver.describe(candidates);
        driver.receive(role == CONTROLLED ? driver.peer.nominate(1) : driver.peer.check(), USED)
                .runFor(3_000);
        assertThat(driver.selected()).isEqualTo(USED);
        driver.sent.clear();
        return driver;
    }

    private static List<Long> gaps(List<Sent> sent) {
        return IntStream.range(1, sent.size())
                .mapToObj(i -> sent.get(i).atMillis() - sent.get(i - 1).atMillis())
                .toList();
    }
}
