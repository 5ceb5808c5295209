package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentDriver.Sent;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunAttributeType;
import dev.floe.stun.StunDecodeException;
import dev.floe.stun.StunKey;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UntrustedInputTest {

    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final InetSocketAddress ELSEWHERE = ScriptedPeer.address("203.0.113.5", 61_000);
    private static final StunKey WRONG_KEY = StunKey.shortTerm("not-the-password-of-anyone");

    private final AgentDriver driver = AgentDriver.of(CONTROLLED).gather().describe(ScriptedPeer.host(REMOTE, 1000));

    // --- requests

    @Test
    void unsignedRequestIsDroppedAndCounted() {
        assertDropped(driver.peer
                .builder(new StunAttribute.UseCandidate())
                .add(new StunAttribute.IceControlling(1))
                .fingerprint()
                .build());
    }

    @Test
    void requestSignedWithAnotherPasswordIsDroppedAndCounted() {
        assertDropped(driver.peer
                .builder(new StunAttribute.UseCandidate())
                .add(new StunAttribute.IceControlled(0))
                .sign(WRONG_KEY)
                .fingerprint()
                .build());
    }

    @Test
    void requestForAnotherSessionIsDroppedAndCounted() {
        assertDropped(driver.peer.signed(driver.peer.builderAs("other:peer", new StunAttribute.UseCandidate())));
    }

    @Test
    void requestOfAnotherPeerThanTheDescribedOneIsDroppedAndCounted() {
        String local = driver.agent.localDescription().credentials().usernameFragment();

        assertDropped(driver.peer.signed(driver.peer.builderAs(local + ":other", new StunAttribute.UseCandidate())));
        assertDropped(driver.peer.signed(driver.peer.builderAs(local, new StunAttribute.UseCandidate())));
    }

    @Test
    void requestWithAWrongFingerprintIsDroppedAndCounted() {
        StunMessage request = driver.peer.check();
        byte[] bytes = request.toByteArray();
        bytes[bytes.length - 1] ^= 1;

        assertDropped(decoded(bytes));
    }

    @Test
    void requestWithAFlippedBitIsDroppedAndCounted() {
        byte[] bytes = driver.peer
                .signed(driver.peer.builder(new StunAttribute.UseCandidate()))
                .toByteArray();
        bytes[24] ^= 1;

        assertDropped(decoded(bytes));
    }

    @Test
    void unknownAttributeThatMustBeUnderstoodIsAnsweredWith420AndLearnsNothing() {
        StunAttributeType type = StunAttributeType.of(0x7f00);
        StunMessage request = driver.peer.signed(driver.peer.builder(new StunAttribute.Opaque(type, new byte[3])));
        driver.receive(request, REMOTE);

        StunMessage response = driver.responseTo(request);
        assertThat(response.find(StunAttribute.ErrorCode.class).map(StunAttribute.ErrorCode::code))
                .contains(420);
        assertThat(response.find(StunAttribute.UnknownAttributes.class))
                .contains(new StunAttribute.UnknownAttributes(List.of(type)));
        assertThat(driver.events(IceEvent.PairAuthenticated.class)).isEmpty();
    }

    @Test
    void unknownAttributeOfNobodyIsNotAnswered() {
        assertDropped(driver.peer
                .builder(new StunAttribute.Opaque(StunAttributeType.of(0x7f00), new byte[3]))
                .fingerprint()
                .build());
    }

    @Test
    void messagesOfOtherMethodsAndIndicationsChangeNothing() {
        driver.receive(
                StunMessage.request(StunMethod.of(3), TransactionId.random(new SplittableRandom(1)))
                        .build(),
                REMOTE);
        driver.receive(
                StunMessage.indication(StunMethod.BINDING, TransactionId.random(new SplittableRandom(1)))
                        .build(),
                REMOTE);

        assertNothingHappened(1);
    }

    @Test
    void floodOfUnsignedRequestsLeavesNoStateBehind() {
        for (int port = 1; port <= 2_000; port++) {
            driver.receive(driver.peer.builder().fingerprint().build(), ScriptedPeer.address("203.0.113.5", port));
        }

        assertNothingHappened(1);
        assertThat(driver.agent.unauthenticated()).isEqualTo(2_000);
        driver.runFor(1_000);
        assertThat(driver.sent).allMatch(one -> one.isTo(REMOTE));
    }

    @Test
    void floodFromManyAddressesOfThePeerItselfIsBounded() {
        for (int port = 1; port <= 2_000; port++) {
            driver.receive(driver.peer.check(), ScriptedPeer.address("203.0.113.5", port));
        }

        assertThat(driver.events(IceEvent.RemoteCandidateAdded.class)).hasSizeLessThan(Checklist.MAX_PAIRS);
        driver.sent.clear();
        driver.runFor(1_000);
        assertThat(driver.sent.size()).isLessThanOrEqualTo(200);
    }

    // --- responses

    @Test
    void unsignedAnswerIsDroppedAndCounted() {
        StunMessage request = driver.lastRequestTo(REMOTE).message();
        driver.receive(
                StunMessage.success(request)
                        .add(new StunAttribute.XorMappedAddress(AgentDriver.HOST))
                        .fingerprint()
                        .build(),
                REMOTE);

        assertNothingHappened(1);
        assertThat(driver.agent.unauthenticated()).isOne();
        assertThat(driver.answer(driver.lastRequestTo(REMOTE)).agent.state()).isEqualTo(IceState.CONNECTED);
    }

    @Test
    void answerSignedWithOurOwnPasswordIsDropped() {
        StunMessage request = driver.lastRequestTo(REMOTE).message();
        StunKey own =
                StunKey.shortTerm(driver.agent.localDescription().credentials().password());
        driver.receive(
                StunMessage.success(request)
                        .add(new StunAttribute.XorMappedAddress(AgentDriver.HOST))
                        .sign(own)
                        .build(),
                REMOTE);

        assertNothingHappened(1);
    }

    @Test
    void answerFromAnotherAddressFailsThePair() {
        Sent request = driver.lastRequestTo(REMOTE);
        driver.receive(driver.peer.answer(request.message(), AgentDriver.HOST), ELSEWHERE)
                .runFor(1_000);

        assertNothingHappened(1);
        driver.answer(request);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);
    }

    @Test
    void answerAtAnotherBaseFailsThePair() {
        Sent request = driver.lastRequestTo(REMOTE);
        driver.receive(
                driver.peer.answer(request.message(), AgentDriver.HOST), ScriptedPeer.address("::", 5001), REMOTE);
        driver.runFor(2_000);

        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);
        assertThat(driver.requestsTo(REMOTE)).hasSize(1);
    }

    @Test
    void answerToATransactionThatIsOverChangesNothing() {
        Sent request = driver.lastRequestTo(REMOTE);
        driver.answer(request);
        int events = driver.events.size();

        driver.answer(request);

        assertThat(driver.events).hasSize(events);
    }

    @Test
    void answerToATransactionThatNeverWasChangesNothing() {
        driver.receive(driver.peer.answer(driver.peer.check(), AgentDriver.HOST), REMOTE);

        assertNothingHappened(1);
    }

    @Test
    void answerWithoutAnAddressFailsThePair() {
        Sent request = driver.lastRequestTo(REMOTE);
        driver.receive(driver.peer.sign(StunMessage.success(request.message())), REMOTE)
                .runFor(1_000);

        assertNothingHappened(1);
    }

    @Test
    void answerWithAnUnknownAttributeThatMustBeUnderstoodFailsThePair() {
        Sent request = driver.lastRequestTo(REMOTE);
        driver.receive(
                        driver.peer.sign(StunMessage.success(request.message())
                                .add(new StunAttribute.XorMappedAddress(AgentDriver.HOST))
                                .add(new StunAttribute.Opaque(StunAttributeType.of(0x7f00), new byte[3]))),
                        REMOTE)
                .runFor(1_000);

        assertNothingHappened(1);
    }

    @Test
    void refusalThatCarriesAnAddressIsNoSuccess() {
        Sent request = driver.lastRequestTo(REMOTE);
        driver.receive(
                driver.peer.sign(StunMessage.error(request.message(), 400, "Bad Request")
                        .add(new StunAttribute.XorMappedAddress(AgentDriver.HOST))),
                REMOTE);

        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);
    }

    // --- descriptions

    @Test
    void checklistOfHundredsOfCandidatesIsLimitedAndPaced() {
        AgentDriver hostile = AgentDriver.of(CONTROLLING).gather();
        hostile.describe(IntStream.rangeClosed(1, 700)
                .mapToObj(i -> ScriptedPeer.host(ScriptedPeer.address("198.51.100." + i % 250, 1000 + i), i))
                .toArray(Candidate[]::new));
        hostile.runFor(60_000);

        assertThat(hostile.sent.stream().map(Sent::destination).distinct()).hasSizeLessThanOrEqualTo(100);
        List<Long> times = hostile.sent.stream().map(Sent::atMillis).toList();
        assertThat(IntStream.range(1, times.size()).mapToLong(i -> times.get(i) - times.get(i - 1)))
                .allMatch(gap -> gap >= 5);
    }

    @Test
    void randomBytesInsideSignedMessagesNeverThrow() {
        long seed = 20_250_101;
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 2_000; i++) {
            byte[] value = new byte[random.nextInt(40)];
            random.nextBytes(value);
            StunAttribute junk = new StunAttribute.Opaque(StunAttributeType.of(random.nextInt(0x10000)), value);
            if (junk.type().equals(StunAttributeType.MESSAGE_INTEGRITY)
                    || junk.type().equals(StunAttributeType.MESSAGE_INTEGRITY_SHA256)
                    || junk.type().equals(StunAttributeType.FINGERPRINT)) {
                continue;
            }
            driver.receive(driver.peer.signed(driver.peer.builder(junk)), REMOTE);
            driver.receive(
                    driver.peer.sign(
                            StunMessage.success(driver.lastRequestTo(REMOTE).message())
                                    .add(junk)),
                    REMOTE);
            driver.runFor(random.nextInt(20));
        }
        assertThat(driver.agent.state()).isNotEqualTo(IceState.CLOSED);
    }

    // --- the end

    @Test
    void nothingIsSentAfterClose() {
        driver.close();
        driver.sent.clear();
        driver.receive(driver.peer.check(), REMOTE).runFor(60_000);

        assertThat(driver.sent).isEmpty();
        assertThat(driver.agent.state()).isEqualTo(IceState.CLOSED);
        assertThat(driver.agent.deadlineNanos()).isEqualTo(IceAgent.NEVER);
        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, REMOTE)).isFalse();
    }

    @Test
    void nothingIsSentAfterFailure() {
        driver.runFor(60_000);
        assertThat(driver.agent.state()).isEqualTo(IceState.FAILED);
        driver.sent.clear();
        driver.receive(driver.peer.check(), REMOTE).runFor(60_000);

        assertThat(driver.sent).isEmpty();
        assertThat(driver.events(IceEvent.SessionFailed.class)).hasSize(1);
    }

    private void assertDropped(StunMessage request) {
        long before = driver.agent.unauthenticated();
        driver.receive(request, ELSEWHERE).receive(request, REMOTE);

        assertNothingHappened(1);
        assertThat(driver.agent.unauthenticated()).isEqualTo(before + 2);
        assertThat(driver.agent.isAuthenticated(AgentDriver.BASE, REMOTE)).isFalse();
        assertThat(driver.agent.role()).isEqualTo(CONTROLLED);
    }

    private void assertNothingHappened(int sent) {
        assertThat(driver.sent).hasSize(sent);
        assertThat(driver.agent.state()).isEqualTo(IceState.CHECKING);
        assertThat(driver.events(IceEvent.RemoteCandidateAdded.class)).hasSize(1);
        assertThat(driver.events(IceEvent.PairAuthenticated.class)).isEmpty();
    }

    private static StunMessage decoded(byte[] bytes) {
        try {
            return StunMessage.decode(Unpooled.wrappedBuffer(bytes));
        } catch (StunDecodeException e) {
            throw new AssertionError(e);
        }
    }
}
