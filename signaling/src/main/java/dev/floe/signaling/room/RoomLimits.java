package dev.floe.signaling.room;

import java.time.Duration;

/**
 * What a room allows.
 *
 * @param capacity the most members at a time
 * @param maxKeptMessages the most messages since its last description that are kept of a member for who comes later
 * @param maxKeptCharacters the most characters of these together
 * @param graceTime how long the place of a member that has lost its connection is kept
 * @param keepTime how long a member may wait alone
 */
public record RoomLimits(
        int capacity, int maxKeptMessages, int maxKeptCharacters, Duration graceTime, Duration keepTime) {

    // A member that has so much unread, of each of the others, is not reading or has gone.
    private static final int UNREAD_FACTOR = 4;

    int maxUnreadMessages() {
        return saturated((long) UNREAD_FACTOR * maxKeptMessages * capacity);
    }

    int maxUnreadCharacters() {
        return saturated((long) UNREAD_FACTOR * maxKeptCharacters * capacity);
    }

    private static int saturated(long value) {
        return (int) Math.min(Integer.MAX_VALUE, value);
    }
}
