package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceEvent.SessionFailed;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentDriver.Sent;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Consent freshness (RFC 7675 §5.1) over the selected pair. */
class ConsentTest {

    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress OTHER = ScriptedPeer.address("198.51.100.30", 4000);
    private static final Candidate REMOTE_HOST = ScriptedPeer.host(REMOTE, 2000);
    private static final Candidate OTHER_HOST = ScriptedPeer.host(OTHER, 1000);

    @Test
    void checksGoEveryFourToSixSecondsEachWithAnIdOfItsOwn() {
        AgentDriver driver = connected();
        driver.answered = request -> true;
        driver.runFor(300_000);

        List<Sent> checks = driver.requestsTo(REMOTE);
        assertThat(checks).hasSizeBetween(50, 75).noneMatch(Sent::nominates);
        assertThat(gaps(checks)).allSatisfy(gap -> assertThat(gap).isBetween(4_000L, 6_000L));
        assertThat(gaps(checks).stream().distinct()).hasSizeGreaterThan(10);
        assertThat(checks.stream().map(one -> one.message().transactionId()).distinct())
                .hasSameSizeAs(checks);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
    }

    @Test
    void checkThatIsNotAnsweredIsNeverSentAgain() {
        AgentDriver driver = connected(withFinalNominations(CONTROLLING));
        driver.runFor(29_000);

        List<Sent> checks = driver.requestsTo(REMOTE);
        assertThat(checks).hasSizeBetween(4, 7);
        assertThat(checks.stream().map(one -> one.message().transactionId()).distinct())
                .hasSameSizeAs(checks);
        assertThat(driver.sent).hasSameSizeAs(checks);
    }

    @Test
    void sessionEndsExactlyThirtySecondsAfterTheLastAnswer() {
        AgentDriver driver = connected();
        driver.answered = request -> driver.nowMillis() < 20_000;
        driver.runFor(30_000);
        Sent lastAnswered = driver.requestsTo(REMOTE).stream()
                .filter(check -> check.atMillis() < 20_000)
                .reduce((first, last) -> last)
                .orElseThrow();

        long expiryNanos = lastAnswered.atNanos() + 30_000_000_000L;
        driver.runUntil(expiryNanos - 1);
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        driver.runUntil(expiryNanos);
        assertThat(driver.agent.state()).isEqualTo(IceState.FAILED);
        assertThat(driver.events(SessionFailed.class))
                .containsExactly(new SessionFailed(SessionFailed.Reason.CONSENT_EXPIRED));
    }

    @Test
    void nothingButAuthenticatedAnswersOverTheSelectedPairRenewsConsent() {
        AgentDriver driver = connected();
        for (int second = 0; second < 29; second++) {
            driver.runFor(1_000);
            driver.receive(driver.peer.check(), REMOTE);
            StunMessage check = driver.sent.stream()
                    .filter(Sent::isRequest)
                    .reduce((first, last) -> last)
                    .map(Sent::message)
                    .orElse(driver.peer.check());
            driver.receive(StunMessage.success(check).fingerprint().build(), REMOTE);
        }
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);

        driver.runFor(1_000);

        assertThat(driver.agent.state()).isEqualTo(IceState.FAILED);
    }

    @Test
    void answerFromAnotherAddressDoesNotRenewConsent() {
        AgentDriver driver = connected();
        for (int second = 0; second < 30; second++) {
            driver.runFor(1_000);
            driver.requestsTo(REMOTE)
                    .forEach(check -> driver.receive(driver.peer.answer(check.message(), AgentDriver.HOST), OTHER));
        }

        assertThat(driver.agent.state()).isEqualTo(IceState.FAILED);
    }

    @Test
    void answerOverAnotherPairDoesNotRenewConsent() {
        AgentDriver driver = withFinalNominations(CONTROLLED).gather().describe(REMOTE_HOST, OTHER_HOST);
        driver.answered = request -> true;
        driver.runFor(200).receive(driver.peer.nominate(), REMOTE).runFor(10);
        assertThat(driver.selected()).isEqualTo(REMOTE);
        driver.answered = request -> request.isTo(OTHER);
        driver.runFor(15_000).receive(driver.peer.check(), OTHER).runFor(15_000);

        assertThat(driver.agent.state()).isEqualTo(IceState.FAILED);
    }

    @Test
    void lateAnswerCountsFromWhenItCame() {
        AgentDriver driver = connected();
        driver.runFor(10_000);
        Sent check = driver.requestsTo(REMOTE).get(0);
        driver.answer(check).runFor(29_999);

        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.runFor(1).agent.state()).isEqualTo(IceState.FAILED);
    }

    @Test
    void peerWithoutOptionsGetsKeepalivesAndMayStaySilentForEver() {
        AgentDriver driver = AgentDriver.withPlainPeer(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.receive(driver.peer.nominate(), REMOTE).runFor(50);
        driver.answer(driver.lastRequestTo(REMOTE));
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        driver.sent.clear();
        long start = driver.nowMillis();
        driver.runFor(600_000);

        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.sent)
                .hasSize(40)
                .allMatch(one -> one.isTo(REMOTE) && one.message().messageClass() == StunClass.INDICATION);
        assertThat(driver.sent.get(0).atMillis() - start).isEqualTo(15_000);
        assertThat(gaps(driver.sent)).containsOnly(15_000L);
    }

    @Test
    void nominationOfAPairThatWasAnsweredLongAgoIsCheckedAgainAndHolds() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST);
        driver.answered = request -> true;
        driver.runFor(60_000);
        assertThat(driver.agent.state()).isEqualTo(IceState.CONNECTED);

        driver.receive(driver.peer.nominate(1), REMOTE).runFor(100_000);

        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
    }

    @Test
    void renominationOfAPairThatWasAnsweredLongAgoIsCheckedAgainAndHolds() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST, OTHER_HOST);
        driver.answered = request -> true;
        driver.receive(driver.peer.check(), OTHER)
                .receive(driver.peer.nominate(1), REMOTE)
                .runFor(100_000);
        assertThat(driver.selected()).isEqualTo(REMOTE);

        driver.receive(driver.peer.nominate(2), OTHER).runFor(100_000);

        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        assertThat(driver.selected()).isEqualTo(OTHER);
    }

    @Test
    void pairThatHasDiedSinceItWasAnsweredIsNotSelected() {
        AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(REMOTE_HOST, OTHER_HOST);
        driver.answered = request -> true;
        driver.receive(driver.peer.check(), OTHER)
                .receive(driver.peer.nominate(1), REMOTE)
                .runFor(100_000);
        driver.answered = request -> request.isTo(REMOTE);

        driver.receive(driver.peer.nominate(2), OTHER).runFor(100_000);

        assertThat(driver.selected()).isEqualTo(REMOTE);
        assertThat(driver.events(IceEvent.PairNominated.class)).hasSize(1);
    }

    /** The other side answers checks for ever, but takes no second nomination. */
    private static AgentDriver withFinalNominations(IceRole role) {
        return AgentDriver.of(role, IceConfig.of(role, List.of()), Set.of(IceDescription.TRICKLE));
    }

    private static AgentDriver connected() {
        return connected(AgentDriver.of(CONTROLLING));
    }

    private static AgentDriver connected(AgentDriver driver) {
        driver.answered = request -> true;
        driver.gather()
                .describe(REMOTE_HOST)
                .receive(driver.peer.check(), REMOTE)
                .runFor(500);
        driver.answered = request -> false;
        assertThat(driver.agent.state()).isEqualTo(IceState.COMPLETED);
        driver.sent.clear();
        return driver;
    }

    private static List<Long> gaps(List<Sent> sent) {
        return IntStream.range(1, sent.size())
                .mapToObj(i -> sent.get(i).atMillis() - sent.get(i - 1).atMillis())
                .toList();
    }
}
