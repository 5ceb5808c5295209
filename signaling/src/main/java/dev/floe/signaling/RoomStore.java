package dev.floe.signaling;

import java.util.HashMap;
import java.util.Map;

/** The rooms of one server, in memory. Any thread: one lock over all, held for a few map operations. */
final class RoomStore {

    private final SignalingServerConfig config;
    private final Map<RoomName, Room> rooms = new HashMap<>();

    RoomStore(SignalingServerConfig config) {
        this.config = config;
    }

    synchronized void join(RoomName name, Room.Member newcomer) throws SignalingException {
        Room room = rooms.get(name);
        if (room == null) {
            if (rooms.size() >= config.maxRooms()) {
                throw new SignalingException(SignalingException.TOO_MANY_ROOMS, "no more rooms on this server");
            }
            room = new Room(config.maxKeptMessages(), config.maxMessageBytes());
            rooms.put(name, room);
        }
        room.join(newcomer);
    }

    synchronized void say(RoomName name, Room.Member member, SignalMessage message, String json)
            throws SignalingException {
        Room room = rooms.get(name);
        if (room != null) {
            room.say(member, message, json);
        }
    }

    synchronized void leave(RoomName name, Room.Member member) {
        Room room = rooms.get(name);
        if (room != null) {
            room.leave(member);
            if (room.isEmpty()) {
                rooms.remove(name);
            }
        }
    }

    synchronized int size() {
        return rooms.size();
    }
}
