package dev.floe.signaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.signaling.SignalMessage.Bye;
import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.EndOfCandidates;
import dev.floe.signaling.SignalMessage.Joined;
import dev.floe.signaling.SignalMessage.PeerJoined;
import dev.floe.signaling.SignalMessage.PeerLeft;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoomTest {

    private final RoomStore rooms = new RoomStore(SignalingServerConfig.builder(0)
            .maxRooms(2)
            .maxKeptMessages(10)
            .maxMessageBytes(1000)
            .build());
    private final RoomName room = new RoomName("room");
    private final Peer first = new Peer();
    private final Peer second = new Peer();
    private final Peer third = new Peer();

    @Test
    void whatWasSaidBeforeTheOtherCameIsKeptForIt() throws Exception {
        first.join();
        first.say(description("first"), new CandidateLine("c1"), new EndOfCandidates());
        second.join();

        assertThat(first.heard).containsExactly(new Joined(0), new PeerJoined());
        assertThat(second.heard)
                .containsExactly(new Joined(1), description("first"), new CandidateLine("c1"), new EndOfCandidates());
    }

    @Test
    void whatIsSaidLaterIsHeardByTheOtherAlone() throws Exception {
        first.join();
        second.join();
        second.say(description("second"), new EndOfCandidates());

        assertThat(first.heard)
                .containsExactly(new Joined(0), new PeerJoined(), description("second"), new EndOfCandidates());
        assertThat(second.heard).containsExactly(new Joined(1));
    }

    @Test
    void thirdPeerIsRefusedAndTheTwoHearNothingOfIt() throws Exception {
        first.join();
        second.join();

        assertThatThrownBy(third::join)
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("room-full"));
        third.say(description("third"));
        third.leave();
        assertThat(first.heard).containsExactly(new Joined(0), new PeerJoined());
        assertThat(second.heard).containsExactly(new Joined(1));
    }

    @Test
    void newcomerHearsWhatTheRemainingPeerSaidAndNotWhatTheDepartedOneSaid() throws Exception {
        first.join();
        first.say(description("first"), new EndOfCandidates());
        second.join();
        second.say(description("second"), new EndOfCandidates());
        second.leave();
        third.join();

        assertThat(third.heard).containsExactly(new Joined(1), description("first"), new EndOfCandidates());
        assertThat(first.heard)
                .endsWith(description("second"), new EndOfCandidates(), new PeerLeft(), new PeerJoined());
    }

    @Test
    void newDescriptionReplacesWhatWasKept() throws Exception {
        first.join();
        first.say(description("old"), new CandidateLine("old"), new EndOfCandidates());
        first.say(description("new"), new CandidateLine("new"));
        second.join();

        assertThat(second.heard).containsExactly(new Joined(1), description("new"), new CandidateLine("new"));
    }

    @Test
    void byeTakesBackWhatItsSpeakerSaidAndNothingElse() throws Exception {
        first.join();
        second.join();
        first.say(description("first"));
        second.say(description("second"), new Bye());
        first.leave();
        third.join();

        assertThat(first.heard).endsWith(description("second"), new Bye());
        assertThat(third.heard).containsExactly(new Joined(1));
    }

    @Test
    void emptyRoomVanishesWithAllThatWasSaid() throws Exception {
        first.join();
        first.say(description("first"));
        first.leave();
        first.leave();
        assertThat(rooms.size()).isZero();

        second.join();
        assertThat(second.heard).containsExactly(new Joined(0));
    }

    @Test
    void refusedNewcomerLeavesNoRoomBehind() throws Exception {
        rooms.join(new RoomName("one"), first);
        rooms.join(new RoomName("two"), second);

        assertThatThrownBy(third::join)
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("too-many-rooms"));
        assertThat(rooms.size()).isEqualTo(2);
    }

    @Test
    void keptMessagesAreBoundedInNumber() throws Exception {
        first.join();
        first.say(description("first"));
        for (int i = 0; i < 9; i++) {
            first.say(new CandidateLine("c" + i));
        }

        assertThatThrownBy(() -> first.say(new EndOfCandidates()))
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("too-much-said"));
        first.say(description("again"));
    }

    @Test
    void keptMessagesAreBoundedInLength() throws Exception {
        first.join();
        first.say(new CandidateLine("c".repeat(600)));

        assertThatThrownBy(() -> first.say(new CandidateLine("c".repeat(600)))).isInstanceOf(SignalingException.class);
    }

    private static Description description(String name) {
        return new Description(name, "password", null, List.of());
    }

    private final class Peer implements Room.Member {

        final List<SignalMessage> heard = new ArrayList<>();

        void join() throws SignalingException {
            rooms.join(room, this);
        }

        void say(SignalMessage... messages) throws SignalingException {
            for (SignalMessage message : messages) {
                rooms.say(room, this, message, SignalJson.write(message));
            }
        }

        void leave() {
            rooms.leave(room, this);
        }

        @Override
        public void hear(String json) {
            try {
                heard.add(SignalJson.read(json).orElseThrow());
            } catch (SignalingException e) {
                throw new AssertionError(e);
            }
        }
    }
}
