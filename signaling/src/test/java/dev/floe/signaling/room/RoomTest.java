package dev.floe.signaling.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.signaling.SignalMessage;
import dev.floe.signaling.SignalMessage.Bye;
import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.EndOfCandidates;
import dev.floe.signaling.SignalMessage.HolePunch;
import dev.floe.signaling.SignalMessage.PeerJoined;
import dev.floe.signaling.SignalMessage.PeerLeft;
import dev.floe.signaling.SignalingException;
import dev.floe.signaling.wire.SignalJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RoomTest {

    private static final RoomLimits LIMITS =
            new RoomLimits(2, 10, 1000, Duration.ofMillis(500), Duration.ofMillis(10_000));

    private final Room room = new Room(LIMITS);
    private final Peer first = new Peer("first");
    private final Peer second = new Peer("second");
    private final Peer third = new Peer("third");
    private long now = 1_000_000;

    @Test
    void whatWasSaidBeforeTheOtherCameIsKeptForIt() throws Exception {
        first.join();
        first.say(description("first"), new CandidateLine("c1"), new EndOfCandidates());
        second.join();

        assertThat(first.heard()).containsExactly(new PeerJoined());
        assertThat(second.member().peersAtJoin()).isEqualTo(1);
        assertThat(second.heard())
                .containsExactly(description("first"), new CandidateLine("c1"), new EndOfCandidates());
    }

    @Test
    void wordsBetweenTwoThatAreThereAreNotKeptForAThird() throws Exception {
        first.join();
        second.join();
        first.say(description("first"), new HolePunch("first", "AQID"));
        assertThat(second.heard()).containsExactly(description("first"), new HolePunch("first", "AQID"));
        second.leave();
        third.join();

        assertThat(third.heard()).containsExactly(description("first"));
    }

    @Test
    void whatIsSaidLaterIsHeardByTheOtherAlone() throws Exception {
        first.join();
        second.join();
        second.say(description("second"), new EndOfCandidates());

        assertThat(first.heard()).containsExactly(new PeerJoined(), description("second"), new EndOfCandidates());
        assertThat(second.heard()).isEmpty();
    }

    @Test
    void thirdPeerIsRefusedAndTheTwoHearNothingOfIt() throws Exception {
        first.join();
        second.join();

        assertRefused(third::join, "room-full").hasMessage("two peers are in the room already");
        third.say(description("third"));
        third.leave();
        assertThat(first.heard()).containsExactly(new PeerJoined());
        assertThat(second.heard()).isEmpty();
    }

    @Test
    void newcomerHearsWhatTheRemainingPeerSaidAndNotWhatTheDepartedOneSaid() throws Exception {
        first.join();
        first.say(description("first"), new EndOfCandidates());
        second.join();
        second.say(description("second"), new EndOfCandidates());
        second.leave();
        third.join();

        assertThat(third.heard()).containsExactly(description("first"), new EndOfCandidates());
        assertThat(first.heard())
                .endsWith(description("second"), new EndOfCandidates(), new PeerLeft(), new PeerJoined());
    }

    @Test
    void newDescriptionReplacesWhatWasKept() throws Exception {
        first.join();
        first.say(description("old"), new CandidateLine("old"), new EndOfCandidates());
        first.say(description("new"), new CandidateLine("new"));
        second.join();

        assertThat(second.heard()).containsExactly(description("new"), new CandidateLine("new"));
    }

    @Test
    void byeTakesBackWhatItsSpeakerSaidAndNothingElse() throws Exception {
        first.join();
        second.join();
        first.say(description("first"));
        second.say(description("second"), new Bye());
        first.leave();
        third.join();

        assertThat(third.heard()).isEmpty();
        assertThat(second.heard()).containsExactly(description("first"), new PeerLeft(), new PeerJoined());
    }

    @Test
    void roomIsEmptyOnceAllHaveLeft() throws Exception {
        first.join();
        first.say(description("first"));
        first.leave();
        first.leave();

        assertThat(room.isEmpty()).isTrue();
    }

    @Test
    void keptMessagesAreBoundedInNumberAndTheDescriptionAndTheLatestStay() throws Exception {
        first.join();
        first.say(description("first"));
        for (int i = 0; i < 20; i++) {
            first.say(new CandidateLine("c" + i));
        }
        second.join();

        assertThat(second.heard()).hasSize(10).startsWith(description("first"), new CandidateLine("c11"));
        assertThat(second.heard()).endsWith(new CandidateLine("c19"));
    }

    @Test
    void keptMessagesAreBoundedInLength() throws Exception {
        first.join();
        first.say(description("first"));
        first.say(new CandidateLine("c".repeat(600)));
        first.say(new CandidateLine("d".repeat(600)));
        second.join();

        assertThat(second.heard()).containsExactly(description("first"), new CandidateLine("d".repeat(600)));
    }

    @Test
    void peerThatComesBackHearsJustWhatItMissed() throws Exception {
        first.join();
        second.join();
        second.say(new CandidateLine("1"), new CandidateLine("2"));
        first.lose();
        second.say(new CandidateLine("3"));
        first.resume(2);

        assertThat(first.heard()).containsExactly(new CandidateLine("2"), new CandidateLine("3"));
        assertThat(second.heard()).isEmpty();
        assertThat(first.numbers()).containsExactly(3L, 4L);
    }

    @Test
    void messageThatIsSaidAgainIsHeardOnce() throws Exception {
        first.join();
        second.join();
        second.say(new CandidateLine("1"));
        room.say("second", 1, new CandidateLine("1"), "{}", now);

        assertThat(first.heard()).containsExactly(new PeerJoined(), new CandidateLine("1"));
        assertThat(second.member().received()).isEqualTo(1);
    }

    @Test
    void messageAfterOnesThatTheRoomHasForgottenIsRefusedForNow() throws Exception {
        first.join();
        second.join();
        second.said = 2;
        assertRefused(() -> second.say(new CandidateLine("3")), "unavailable");
        assertThat(first.heard()).containsExactly(new PeerJoined());
    }

    @Test
    void peerThatDoesNotComeBackLeavesAfterTheGraceTime() throws Exception {
        first.join();
        second.join();
        second.lose();
        now += 499;
        room.expire(now, connection -> true);
        assertThat(first.heard()).containsExactly(new PeerJoined());

        now += 1;
        room.expire(now, connection -> true);
        assertThat(first.heard()).containsExactly(new PeerJoined(), new PeerLeft());
        assertRefused(() -> second.resume(0), "session-lost");
    }

    @Test
    void absencesOfOneConnectionDoNotConcernTheNext() throws Exception {
        first.join();
        room.resume("first", 0, "another", now);
        first.lose();
        first.leave();

        assertThat(first.member().connection()).contains("another");
    }

    @Test
    void connectionOfADeadNodeIsAnAbsence() throws Exception {
        first.join();
        second.join();
        room.expire(now, connection -> connection.equals("first's"));
        assertThat(second.member().connection()).isEmpty();

        now += 500;
        room.expire(now, connection -> connection.equals("first's"));
        assertThat(first.heard()).containsExactly(new PeerJoined(), new PeerLeft());
    }

    @Test
    void newcomerTakesThePlaceOfOneWhoHasLostItsConnection() throws Exception {
        first.join();
        second.join();
        second.lose();
        third.join();

        assertThat(first.heard()).containsExactly(new PeerJoined(), new PeerLeft(), new PeerJoined());
        assertRefused(() -> second.resume(0), "session-lost");
    }

    @Test
    void numbersThatCannotBeAreNothingToResume() throws Exception {
        first.join();
        second.join();
        assertRefused(() -> first.resume(2), "session-lost");
        first.resume(1);
        assertRefused(() -> first.resume(0), "session-lost");
    }

    @Test
    void peerWhoseInboxOverflowsLosesItsPlace() throws Exception {
        first.join();
        second.join();
        for (int i = 0; i <= LIMITS.maxUnreadMessages(); i++) {
            second.say(description("again"));
        }

        assertThat(room.member("first")).isEmpty();
        assertThat(second.heard()).containsExactly(new PeerLeft());
    }

    @Test
    void peerThatKnowsWhatItIsSentIsToldMoreThanAnInboxHolds() throws Exception {
        first.join();
        second.join();
        for (int i = 0; i <= 2 * LIMITS.maxUnreadMessages(); i++) {
            second.say(description("again"));
            room.acknowledge("first", i);
        }

        assertThat(first.heard()).hasSize(2);
    }

    @Test
    void peerThatWaitsTooLongAloneLosesItsPlace() throws Exception {
        first.join();
        second.join();
        now += 10_000;
        room.expire(now, connection -> true);
        assertThat(room.members()).hasSize(2);

        second.leave();
        now += 10_000;
        room.expire(now, connection -> true);
        assertThat(room.isEmpty()).isTrue();
    }

    @Test
    void secretOfTheFirstIsAskedOfTheOthersUntilTheRoomIsEmpty() throws Exception {
        room.join("first", "first's", "secret", now);
        assertRefused(second::join, "wrong-secret");
        room.join("second", "second's", "secret", now);
        first.leave();
        second.leave();

        second.join();
    }

    private static AbstractThrowableAssert<?, ?> assertRefused(ThrowingCallable call, String code) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static Description description(String name) {
        return new Description(name, "password", null, List.of());
    }

    private final class Peer {

        private final String token;
        private long said;

        Peer(String token) {
            this.token = token;
        }

        void join() throws SignalingException {
            room.join(token, token + "'s", "", now);
        }

        void say(SignalMessage... messages) throws SignalingException {
            for (SignalMessage message : messages) {
                room.say(token, ++said, message, SignalJson.write(message), now);
            }
        }

        void lose() {
            room.detach(token, token + "'s", now);
        }

        void resume(long sequence) throws SignalingException {
            room.resume(token, sequence, token + "'s", now);
        }

        void leave() {
            room.leave(token, token + "'s", now);
        }

        RoomMember member() {
            return room.member(token).orElseThrow();
        }

        List<SignalMessage> heard() {
            List<SignalMessage> heard = new ArrayList<>();
            member().forEachAfter(0, (sequence, json) -> heard.add(read(json)));
            return heard;
        }

        List<Long> numbers() {
            List<Long> numbers = new ArrayList<>();
            member().forEachAfter(0, (sequence, json) -> numbers.add(sequence));
            return numbers;
        }

        private SignalMessage read(String json) {
            try {
                return SignalJson.read(json).orElseThrow();
            } catch (SignalingException e) {
                throw new AssertionError(e);
            }
        }
    }
}
