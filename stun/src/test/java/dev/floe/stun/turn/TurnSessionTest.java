package dev.floe.stun.turn;

import static dev.floe.stun.turn.SessionBench.MAPPED;
import static dev.floe.stun.turn.SessionBench.PEER;
import static dev.floe.stun.turn.SessionBench.RELAYED;
import static dev.floe.stun.turn.SessionBench.RELAYED_IPV6;
import static dev.floe.stun.turn.SessionBench.SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.OctetString;
import dev.floe.stun.StunAttribute.AdditionalAddressFamily;
import dev.floe.stun.StunAttribute.AddressErrorCode;
import dev.floe.stun.StunAttribute.AlternateDomain;
import dev.floe.stun.StunAttribute.AlternateServer;
import dev.floe.stun.StunAttribute.Lifetime;
import dev.floe.stun.StunAttribute.MobilityTicket;
import dev.floe.stun.StunAttribute.Nonce;
import dev.floe.stun.StunAttribute.Opaque;
import dev.floe.stun.StunAttribute.RequestedAddressFamily;
import dev.floe.stun.StunAttribute.RequestedTransport;
import dev.floe.stun.StunAttribute.XorRelayedAddress;
import dev.floe.stun.StunAttributeType;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8656, sections 5 to 8. */
class TurnSessionTest {
    private SessionBench bench = new SessionBench();

    @Test
    void allocationIsAskedForWithoutCredentialsAndThenWithThem() {
        bench.start();
        StunMessage first = bench.take(StunMethod.ALLOCATE);
        assertThat(first.attributes()).startsWith(RequestedTransport.UDP, AdditionalAddressFamily.IPV6);
        bench.challenge(first);
        StunMessage second = bench.take(StunMethod.ALLOCATE);
        assertThat(second.transactionId()).isNotEqualTo(first.transactionId());
        assertThat(second.has(Nonce.class)).isTrue();
        bench.grantAllocation(second);

        assertThat(bench.event(TurnEvent.Allocated.class).allocation())
                .isEqualTo(new TurnAllocation(SERVER, List.of(RELAYED), MAPPED));
    }

    @Test
    void familiesAreAskedForAsTheRfcSays() {
        bench = new SessionBench(SessionBench.config(TurnTransport.UDP)
                .families(TurnFamilies.IPV4)
                .build());
        assertThat(bench.start().take(StunMethod.ALLOCATE).attributes()).containsExactly(RequestedTransport.UDP);

        bench = new SessionBench(SessionBench.config(TurnTransport.UDP)
                .families(TurnFamilies.IPV6)
                .build());
        assertThat(bench.start().take(StunMethod.ALLOCATE).attributes())
                .containsExactly(RequestedTransport.UDP, RequestedAddressFamily.IPV6);
    }

    @Test
    void bothFamiliesMakeTwoRelayedAddresses() {
        bench.start();
        bench.challenge(bench.take(StunMethod.ALLOCATE));
        bench.grantAllocation(bench.take(StunMethod.ALLOCATE), new XorRelayedAddress(RELAYED_IPV6));

        assertThat(bench.event(TurnEvent.Allocated.class).allocation().relayed())
                .containsExactly(RELAYED, RELAYED_IPV6);
    }

    @Test
    void oneOfTwoFamiliesIsEnough() {
        bench.allocated(new AddressErrorCode(2, 440, "no IPv6 here"));
    }

    @Test
    void serverWithIpv6AloneIsAskedForThat() {
        bench.start();
        bench.refuse(bench.take(StunMethod.ALLOCATE), 440);
        StunMessage second = bench.take(StunMethod.ALLOCATE);
        assertThat(second.attributes()).containsExactly(RequestedTransport.UDP, RequestedAddressFamily.IPV6);
        bench.refuse(second, 440);

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause().code()).isEqualTo(440);
        assertThat(bench.sent).isEmpty();
    }

    @Test
    void wordsOfTheServerAreOneLineWithoutControlCharacters() {
        bench.start();
        bench.receive(StunMessage.error(bench.take(StunMethod.ALLOCATE), 403, "no\r\n\u001b[2Jway")
                .build());

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause())
                .hasMessage("the TURN server /192.0.2.1:3478 answered ALLOCATE with 403 no   [2Jway");
    }

    @Test
    void serverThatIsSilentIsGivenUp() {
        bench.start();
        bench.pass(Duration.ofMillis(39_499));
        assertThat(bench.sent).hasSize(7);
        assertThat(bench.events).isEmpty();
        bench.pass(Duration.ofMillis(1));

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause())
                .hasMessage("no answer from the TURN server /192.0.2.1:3478 to ALLOCATE");
        assertThat(bench.session.deadlineNanos()).isEqualTo(TurnSession.NEVER);
    }

    @Test
    void overAConnectionARequestIsSentOnce() {
        bench = new SessionBench(SessionBench.config(TurnTransport.TCP).build());
        bench.start();
        assertThat(bench.sent).isEmpty();
        bench.connected();
        bench.pass(Duration.ofMillis(39_499));
        assertThat(bench.sent).hasSize(1);
        bench.pass(Duration.ofMillis(1));

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause()).hasMessageContaining("no answer");
    }

    @Test
    void answersWithoutIntegrityAreNoAnswers() {
        bench.start();
        bench.challenge(bench.take(StunMethod.ALLOCATE));
        StunMessage request = bench.take(StunMethod.ALLOCATE);
        bench.receive(
                StunMessage.success(request).add(new XorRelayedAddress(RELAYED)).build());
        bench.receive(StunMessage.error(request, 486, "forged").build());
        bench.pass(Duration.ofSeconds(40));

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause())
                .hasMessage("the answers of the TURN server /192.0.2.1:3478 to ALLOCATE lack integrity");
    }

    @Test
    void serverThatForgetsAndAnswersWithoutIntegrityIsBelievedTheThirdTime() {
        bench.start();
        bench.challenge(bench.take(StunMethod.ALLOCATE));
        bench.grantAllocation(bench.take(StunMethod.ALLOCATE));
        bench.event(TurnEvent.Allocated.class);
        bench.pass(Duration.ofMinutes(9));
        for (int i = 0; i < 3; i++) {
            assertThat(bench.events).isEmpty();
            bench.receive(
                    StunMessage.error(bench.take(StunMethod.REFRESH), 437, "").build());
            bench.pass(Duration.ofSeconds(1));
        }

        assertThat(bench.event(TurnEvent.AllocationLost.class).cause())
                .hasMessageEndingWith("to REFRESH lack integrity");
        bench.take(StunMethod.ALLOCATE);
    }

    @Test
    void overAConnectionAnAnswerWithoutIntegrityEndsTheTransaction() {
        bench = new SessionBench(SessionBench.config(TurnTransport.TLS).build());
        bench.start();
        bench.connected();
        bench.challenge(bench.take(StunMethod.ALLOCATE));
        bench.receive(StunMessage.success(bench.take(StunMethod.ALLOCATE)).build());

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause()).hasMessageContaining("lack integrity");
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 442, 486, 508, 500, 441})
    void refusalOfTheFirstAllocationIsFinal(int code) {
        bench.start();
        bench.challenge(bench.take(StunMethod.ALLOCATE));
        bench.refuse(bench.take(StunMethod.ALLOCATE), code);

        TurnException cause = bench.event(TurnEvent.AllocationFailed.class).cause();
        assertThat(cause.code()).isEqualTo(code);
        assertThat(cause).hasMessage("the TURN server /192.0.2.1:3478 answered ALLOCATE with " + code + " because");
        bench.pass(Duration.ofHours(1));
        assertThat(bench.sent).isEmpty();
    }

    @Test
    void secondRefusalOfTheCredentialsIsFinal() {
        bench.start();
        bench.challenge(bench.take(StunMethod.ALLOCATE));
        bench.refuse(bench.take(StunMethod.ALLOCATE), 401, new Nonce("n"));

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause().code()).isEqualTo(401);
    }

    @Test
    void anotherAttemptMayFollowAFailure() {
        bench.start();
        bench.refuse(bench.take(StunMethod.ALLOCATE), 508);
        bench.event(TurnEvent.AllocationFailed.class);

        bench.allocated();
    }

    @Test
    void serverThatNeverLikesANonceIsGivenUp() {
        bench.start();
        for (int i = 0; i < 5; i++) {
            bench.challenge(bench.take(StunMethod.ALLOCATE));
        }

        assertThat(bench.sent).isEmpty();
        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause().code()).isEqualTo(438);
    }

    @Test
    void addressesThatNobodyCanBeReachedAtAreNoRelayedOnes() {
        bench.allocated(
                new XorRelayedAddress(new InetSocketAddress("0.0.0.0", 0)),
                new XorRelayedAddress(new InetSocketAddress("0.0.0.0", 4000)),
                new XorRelayedAddress(new InetSocketAddress("::", 4000)),
                new XorRelayedAddress(new InetSocketAddress("224.0.0.1", 4000)),
                new XorRelayedAddress(new InetSocketAddress("192.0.2.1", 0)));
    }

    @Test
    void successWithoutARelayedAddressIsAFailure() {
        bench.start();
        bench.grant(bench.take(StunMethod.ALLOCATE));

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause())
                .hasMessageEndingWith("answered ALLOCATE without XOR-RELAYED-ADDRESS");
    }

    @Test
    void answerThatIsNotUnderstoodIsAFailure() {
        bench.start();
        bench.grant(bench.take(StunMethod.ALLOCATE), new Opaque(StunAttributeType.of(0x7FFF), new byte[0]));

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause())
                .hasMessageEndingWith("to ALLOCATE needs [ATTRIBUTE-0x7FFF] understood");
    }

    @Test
    void formerAllocationOfTheSameAddressIsReleasedFirst() {
        bench.start();
        bench.challenge(bench.take(StunMethod.ALLOCATE));
        bench.refuse(bench.take(StunMethod.ALLOCATE), 437);
        StunMessage release = bench.take(StunMethod.REFRESH);
        assertThat(release.find(Lifetime.class)).contains(new Lifetime(0));
        bench.grant(release);
        assertThat(bench.sent).isEmpty();
        bench.pass(Duration.ofSeconds(2));
        bench.refuse(bench.take(StunMethod.ALLOCATE), 437);

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause().code()).isEqualTo(437);
        assertThat(bench.sent).isEmpty();
    }

    @Test
    void lifetimeIsAskedForIfGiven() {
        bench = new SessionBench(SessionBench.config(TurnTransport.UDP)
                .lifetime(Duration.ofSeconds(100))
                .build());
        bench.start();
        StunMessage allocate = bench.take(StunMethod.ALLOCATE);
        assertThat(allocate.find(Lifetime.class)).contains(new Lifetime(100));
        bench.grantAllocation(allocate, new Lifetime(60));
        bench.pass(Duration.ofSeconds(30));

        assertThat(bench.take(StunMethod.REFRESH).find(Lifetime.class)).contains(new Lifetime(100));
    }

    @Test
    void redirectionIsFollowed() {
        InetSocketAddress other = new InetSocketAddress("192.0.2.2", 3478);
        bench.start();
        assertThat(bench.connects.remove()).isEqualTo(new TurnOutput.Connect(SERVER, "192.0.2.1"));
        bench.refuse(
                bench.take(StunMethod.ALLOCATE), 300, new AlternateServer(other), new AlternateDomain("turn.example"));
        assertThat(bench.connects.remove()).isEqualTo(new TurnOutput.Connect(other, "turn.example"));
        StunMessage first = bench.take(StunMethod.ALLOCATE);
        assertThat(first.has(Nonce.class)).isFalse();
        bench.grantAllocation(first);

        assertThat(bench.event(TurnEvent.Allocated.class).allocation().server()).isEqualTo(other);
    }

    @Test
    void redirectionsThatRunInACircleAreNotFollowed() {
        bench.start();
        bench.refuse(
                bench.take(StunMethod.ALLOCATE), 300, new AlternateServer(new InetSocketAddress("192.0.2.2", 3478)));
        bench.refuse(bench.take(StunMethod.ALLOCATE), 300, new AlternateServer(SERVER));

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause())
                .hasMessageEndingWith("with 300 because, which leads nowhere new");
    }

    @Test
    void redirectionsAreBounded() {
        bench.start();
        for (int i = 2; i < 10 && bench.events.isEmpty(); i++) {
            bench.refuse(
                    bench.take(StunMethod.ALLOCATE),
                    300,
                    new AlternateServer(new InetSocketAddress("192.0.2." + i, 3478)));
        }

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause().code()).isEqualTo(300);
        assertThat(bench.connects).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource({"2001:db8::2, 3478", "224.0.0.1, 3478", "0.0.0.0, 3478", "192.0.2.2, 0"})
    void redirectionToWhatCannotBeAServerIsNotFollowed(String host, int port) {
        bench.start();
        bench.refuse(bench.take(StunMethod.ALLOCATE), 300, new AlternateServer(new InetSocketAddress(host, port)));

        bench.event(TurnEvent.AllocationFailed.class);
    }

    @ParameterizedTest
    @CsvSource({"600, 540000", "3600, 3540000", "120, 60000", "60, 30000", "1, 500", "0, 500", "4294967295, 86340000"})
    void allocationIsRefreshedWellBeforeItEnds(long lifetime, long afterMillis) {
        bench.allocated(new Lifetime(lifetime));
        bench.pass(Duration.ofMillis(afterMillis - 1));
        assertThat(bench.sentMethods()).doesNotContain(StunMethod.REFRESH);
        bench.pass(Duration.ofMillis(1));

        bench.grant(bench.take(StunMethod.REFRESH), new Lifetime(60));
        bench.pass(Duration.ofSeconds(30));
        bench.take(StunMethod.REFRESH);
        assertThat(bench.events).isEmpty();
    }

    @Test
    void staleNonceIsReplacedOnAnyMethod() {
        bench.allocated();
        bench.permit(PEER);
        bench.challenge(bench.take(StunMethod.CREATE_PERMISSION));
        bench.grant(bench.take(StunMethod.CREATE_PERMISSION));
        assertThat(bench.permit(PEER)).isEqualTo(TurnPermission.State.INSTALLED);

        bench.channel(PEER);
        bench.challenge(bench.take(StunMethod.CHANNEL_BIND));
        bench.grant(bench.take(StunMethod.CHANNEL_BIND));
        assertThat(bench.channel(PEER)).isEqualTo(0x4000);

        bench.pass(Duration.ofMinutes(4));
        bench.challenge(bench.take(StunMethod.CREATE_PERMISSION));
        bench.grant(bench.take(StunMethod.CREATE_PERMISSION));
        bench.pass(Duration.ofMinutes(5));
        bench.challenge(bench.take(StunMethod.REFRESH));
        bench.grant(bench.take(StunMethod.REFRESH));
        assertThat(bench.events).isEmpty();
    }

    @Test
    void allocationThatTheServerHasForgottenIsReplacedAtOnce() {
        bench.allocated();
        bench.pass(Duration.ofMinutes(9));
        bench.challenge(bench.take(StunMethod.REFRESH));
        bench.refuse(bench.take(StunMethod.REFRESH), 437);
        TurnEvent.AllocationLost lost = bench.event(TurnEvent.AllocationLost.class);
        assertThat(lost.allocation().relayed()).containsExactly(RELAYED);
        assertThat(lost.cause().code()).isEqualTo(437);
        assertThat(bench.session.allocation()).isNull();

        bench.pass(Duration.ZERO);
        bench.challenge(bench.take(StunMethod.ALLOCATE));
        bench.grantAllocation(bench.take(StunMethod.ALLOCATE));
        bench.event(TurnEvent.Allocated.class);
    }

    @Test
    void serverThatIsGoneIsAskedAgainLessAndLessOften() {
        bench.allocated();
        bench.pass(Duration.ofMinutes(9));
        bench.sent.clear();
        List<Long> attempts = new ArrayList<>();
        bench.connects.clear();
        for (long start = bench.now; attempts.size() < 10; bench.pass(Duration.ofMillis(500))) {
            while (bench.connects.poll() != null) {
                attempts.add((bench.now - start) / 500_000_000);
            }
        }

        assertThat(bench.event(TurnEvent.AllocationLost.class).cause()).hasMessageContaining("no answer");
        // In half seconds: each attempt takes 39.5 s, then it is 2, 4, 8, 16, 32, 60, 60 … s until the next.
        assertThat(attempts).containsExactly(79L, 162L, 249L, 344L, 455L, 598L, 797L, 996L, 1195L, 1394L);
        assertThat(bench.events).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {486, 508})
    void fullServerIsLeftAloneForAMinute(int code) {
        bench.allocated();
        bench.session.disconnected(new TurnException(437, "gone"), bench.now);
        bench.pass(Duration.ZERO);
        bench.refuse(bench.take(StunMethod.ALLOCATE), code);
        bench.pass(Duration.ofSeconds(59));
        assertThat(bench.sent).isEmpty();
        bench.pass(Duration.ofSeconds(1));

        bench.take(StunMethod.ALLOCATE);
    }

    @Test
    void serverThatRefusesAReplacementIsGivenUp() {
        bench.allocated();
        bench.session.disconnected(new TurnException(437, "gone"), bench.now);
        bench.pass(Duration.ZERO);
        bench.event(TurnEvent.AllocationLost.class);
        bench.refuse(bench.take(StunMethod.ALLOCATE), 403);

        assertThat(bench.event(TurnEvent.AllocationFailed.class).cause().code()).isEqualTo(403);
        assertThat(bench.session.deadlineNanos()).isEqualTo(TurnSession.NEVER);
    }

    @Test
    void lostConnectionIsMadeAnew() {
        bench = new SessionBench(SessionBench.config(TurnTransport.TCP).build());
        bench.allocated();
        bench.connects.clear();
        bench.session.disconnected(new TurnException("closed by the server"), bench.now);
        bench.pass(Duration.ZERO);
        assertThat(bench.event(TurnEvent.AllocationLost.class).cause()).hasMessage("closed by the server");
        assertThat(bench.connects).hasSize(1);
        bench.session.disconnected(new TurnException("refused"), bench.now);
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.connects).hasSize(2);

        bench.connected();
        bench.grantAllocation(bench.take(StunMethod.ALLOCATE));
        bench.event(TurnEvent.Allocated.class);
    }

    @Test
    void silenceIsBrokenEveryFifteenSeconds() {
        bench.allocated();
        bench.pass(Duration.ofSeconds(60));
        assertThat(bench.sent).hasSize(4).allMatch(message -> message.is(StunClass.INDICATION, StunMethod.BINDING));

        bench.sent.clear();
        for (int i = 0; i < 10; i++) {
            bench.pass(Duration.ofSeconds(10));
            bench.session.sent(bench.now);
        }
        assertThat(bench.sent).isEmpty();
    }

    @Test
    void serverIsAskedForAnAllocationInDoubtAnewEachTime() {
        bench.allocated();
        bench.session.verify(bench.now);
        bench.drain();
        StunMessage first = bench.take(StunMethod.REFRESH);
        bench.pass(Duration.ofSeconds(2));
        bench.sent.clear();
        bench.session.verify(bench.now);
        bench.drain();
        StunMessage second = bench.take(StunMethod.REFRESH);
        assertThat(second.transactionId()).isNotEqualTo(first.transactionId());
        bench.grant(second);
        assertThat(bench.events).isEmpty();

        bench.session.verify(bench.now);
        bench.drain();
        bench.refuse(bench.take(StunMethod.REFRESH), 437);
        bench.event(TurnEvent.AllocationLost.class);
    }

    @Test
    void connectionThatHasFallenSilentIsReplaced() {
        bench = new SessionBench(SessionBench.config(TurnTransport.TCP).build());
        bench.allocated();
        bench.connects.clear();
        bench.session.verify(bench.now);
        bench.drain();
        bench.grant(bench.take(StunMethod.REFRESH));
        bench.session.verify(bench.now);
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.connects).isEmpty();
        bench.session.verify(bench.now);
        bench.pass(Duration.ZERO);

        assertThat(bench.event(TurnEvent.AllocationLost.class).cause()).hasMessageContaining("fallen silent");
        assertThat(bench.connects).hasSize(1);
    }

    @Test
    void doubtWithoutAnAllocationIsNothing() {
        bench.start().session.verify(bench.now);

        assertThat(bench.session.hasOutput()).isFalse();
    }

    @Test
    void closeReleasesTheAllocation() {
        bench.allocated();
        bench.session.close();
        bench.drain();

        StunMessage release = bench.take(StunMethod.REFRESH);
        assertThat(release.find(Lifetime.class)).contains(new Lifetime(0));
        assertThat(release.has(Nonce.class)).isTrue();
        assertThat(bench.session.deadlineNanos()).isEqualTo(TurnSession.NEVER);
        bench.grant(release);
        assertThat(bench.sent).isEmpty();
    }

    @Test
    void endWaitsForTheServerButNotForLong() {
        bench.allocated();
        bench.session.release(bench.now);
        bench.drain();
        bench.challenge(bench.take(StunMethod.REFRESH));
        bench.take(StunMethod.REFRESH);
        bench.pass(Duration.ofMillis(249));
        assertThat(bench.released).isZero();
        bench.pass(Duration.ofMillis(1));

        assertThat(bench.released).isOne();
        assertThat(bench.session.deadlineNanos()).isEqualTo(TurnSession.NEVER);
    }

    @Test
    void closeReleasesAlsoWhatTheServerMayBeAllocating() {
        bench.start();
        bench.challenge(bench.take(StunMethod.ALLOCATE));
        bench.take(StunMethod.ALLOCATE);
        bench.session.close();
        bench.drain();

        StunMessage release = bench.take(StunMethod.REFRESH);
        assertThat(release.find(Lifetime.class)).contains(new Lifetime(0));
        assertThat(release.has(Nonce.class)).isTrue();
        bench.pass(Duration.ofHours(1));
        assertThat(bench.sent).isEmpty();
    }

    @Test
    void serverInTroubleIsAskedForTheRefreshFourTimesMore() {
        bench.allocated();
        bench.pass(Duration.ofMinutes(9));
        for (int i = 0; i < 4; i++) {
            bench.refuse(bench.take(StunMethod.REFRESH), 500);
            assertThat(bench.events).isEmpty();
            bench.pass(Duration.ofSeconds(10));
        }
        bench.refuse(bench.take(StunMethod.REFRESH), 500);
        assertThat(bench.event(TurnEvent.AllocationLost.class).cause().code()).isEqualTo(500);
    }

    @Test
    void refreshAfterTroubleKeepsTheAllocation() {
        bench.allocated();
        for (int i = 0; i < 6; i++) {
            bench.pass(Duration.ofMinutes(9));
            bench.refuse(bench.take(StunMethod.REFRESH), 500);
            bench.pass(Duration.ofSeconds(10));
            bench.grant(bench.take(StunMethod.REFRESH));
        }
        assertThat(bench.events).isEmpty();
    }

    @Test
    void whatAnswersNothingIsLeftAlone() {
        bench.start();
        StunMessage request = bench.take(StunMethod.ALLOCATE);
        StunMessage otherMethod = StunMessage.builder(StunClass.SUCCESS, StunMethod.REFRESH, request.transactionId())
                .build();

        assertThat(bench.session.receive(otherMethod, bench.now)).isFalse();
        assertThat(bench.session.receive(request, bench.now)).isFalse();
        bench.refuse(request, 508);
        assertThat(bench.session.receive(StunMessage.success(request).build(), bench.now))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void noAnswerMakesItThrow(long seed) {
        Random random = new Random(seed);
        bench = new SessionBench(SessionBench.config(TurnTransport.UDP).mobile().build());
        bench.allocated(new MobilityTicket(OctetString.of((byte) 1)));
        int[] codes = {300, 400, 401, 403, 405, 420, 437, 438, 440, 441, 442, 443, 486, 500, 508, 699};
        for (int step = 0; step < 3000; step++) {
            StunMessage request = bench.sent.poll();
            if (request == null) {
                bench.start();
                bench.pass(Duration.ofSeconds(random.nextInt(300)));
                if (bench.session.allocation() != null) {
                    InetSocketAddress peer = new InetSocketAddress("203.0.113." + random.nextInt(256), 1);
                    bench.permit(peer);
                    bench.channel(peer);
                }
            } else if (random.nextInt(4) == 0) {
                bench.grantAllocation(request, new Lifetime(random.nextInt(700)));
            } else if (random.nextInt(4) == 0) {
                bench.challenge(request);
            } else if (request.messageClass() == StunClass.REQUEST) {
                int code = codes[random.nextInt(codes.length)];
                bench.refuse(request, code, new AlternateServer(new InetSocketAddress("192.0.2." + step % 256, 1)));
            }
        }
        assertThat(bench.events).as("seed %d", seed).isNotEmpty();
    }
}
