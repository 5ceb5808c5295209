package dev.floe.signaling.redis;

/**
 * A room's state and its version, which grows with every change and over the room's lives.
 *
 * @param state as {@link dev.floe.signaling.room.RoomJson} has it; empty for a room that is not there
 */
record Versioned(long version, String state) {

    static final Versioned NOTHING = new Versioned(0, "");

    private static final long VERSIONS_A_MILLISECOND = 1000;

    /** The version that Redis has for it: a room that is not there has none. */
    long versionInRedis() {
        return state.isEmpty() ? 0 : version;
    }

    /** What comes after this. A room that is not there may have been, with any version up to about now. */
    Versioned next(String nextState, long nowMillis) {
        return new Versioned(
                Math.max(version + 1, state.isEmpty() ? nowMillis * VERSIONS_A_MILLISECOND : 0), nextState);
    }

    boolean isNewerThan(Versioned other) {
        return version > other.version;
    }
}
