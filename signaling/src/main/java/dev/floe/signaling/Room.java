package dev.floe.signaling;

import dev.floe.signaling.SignalMessage.Bye;
import dev.floe.signaling.SignalMessage.Description;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Two peers at most, and what each has said, kept for a peer that comes later. Guarded by its {@link RoomStore}. */
final class Room {

    private static final int CAPACITY = 2;

    /** One who is in a room. */
    interface Member {
        void hear(String json);
    }

    private final int maxMessages;
    private final int maxCharacters;
    private final Map<Member, List<String>> members = new LinkedHashMap<>();

    Room(int maxMessages, int maxCharacters) {
        this.maxMessages = maxMessages;
        this.maxCharacters = maxCharacters;
    }

    void join(Member newcomer) throws SignalingException {
        if (members.size() == CAPACITY) {
            throw new SignalingException(SignalingException.ROOM_FULL, "two peers are in the room already");
        }
        newcomer.hear(SignalJson.write(new SignalMessage.Joined(members.size())));
        members.forEach((other, said) -> {
            said.forEach(newcomer::hear);
            other.hear(SignalJson.write(new SignalMessage.PeerJoined()));
        });
        members.put(newcomer, new ArrayList<>());
    }

    /** Tells the others what a member says; one who is no member is not heard. */
    void say(Member member, SignalMessage message, String json) throws SignalingException {
        List<String> said = members.get(member);
        if (said == null) {
            return;
        }
        if (message instanceof Description || message instanceof Bye) {
            said.clear();
        }
        if (!(message instanceof Bye)) {
            keep(said, json);
        }
        tellOthers(member, json);
    }

    void leave(Member member) {
        if (members.remove(member) != null) {
            tellOthers(member, SignalJson.write(new SignalMessage.PeerLeft()));
        }
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    private void keep(List<String> said, String json) throws SignalingException {
        said.add(json);
        if (said.size() > maxMessages || said.stream().mapToInt(String::length).sum() > maxCharacters) {
            throw new SignalingException(
                    SignalingException.TOO_MUCH_SAID,
                    "more than " + maxMessages + " messages or " + maxCharacters
                            + " characters since the last description");
        }
    }

    private void tellOthers(Member speaker, String json) {
        members.keySet().stream().filter(member -> member != speaker).forEach(member -> member.hear(json));
    }
}
