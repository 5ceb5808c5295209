package dev.floe.signaling.server;

import dev.floe.signaling.SignalingException;
import dev.floe.signaling.room.Room;

/** How a client comes into a room. */
sealed interface RoomEntry {

    /** The token of its place in the room. */
    String token();

    /** Takes the place for a connection. */
    void apply(Room room, String connection) throws SignalingException;

    /**
     * For the first time.
     *
     * @param secret what the room's secret has become, see {@link Secrets#digest}; empty for none
     */
    record Join(String token, String secret) implements RoomEntry {
        @Override
        public void apply(Room room, String connection) throws SignalingException {
            room.join(token, connection, secret, System.currentTimeMillis());
        }
    }

    /**
     * Again, after a connection was lost.
     *
     * @param sequence the number of the last message that it has heard
     */
    record Resume(String token, long sequence) implements RoomEntry {
        @Override
        public void apply(Room room, String connection) throws SignalingException {
            room.resume(token, sequence, connection, System.currentTimeMillis());
        }
    }
}
