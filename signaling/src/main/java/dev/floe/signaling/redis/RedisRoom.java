package dev.floe.signaling.redis;

import dev.floe.signaling.room.Room;
import dev.floe.signaling.room.RoomLimits;
import dev.floe.signaling.room.RoomMember;
import dev.floe.signaling.room.RoomName;
import dev.floe.signaling.room.RoomStore.Step;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** What a node knows of one room: its state when it was last seen, and the steps that wait to be taken. */
final class RedisRoom {

    private final RoomName name;
    private final Queue<Pending> pending = new ArrayDeque<>();
    private Versioned seen = Versioned.NOTHING;
    private Room state;
    private boolean isBusy;

    RedisRoom(RoomName name, RoomLimits limits) {
        this.name = name;
        state = new Room(limits);
    }

    /**
     * A step that waits to be taken.
     *
     * @param isEntry whether it fails at once if Redis is gone
     * @param deadline when it fails then otherwise, in nanoseconds
     */
    record Pending(Step step, boolean isEntry, long deadline, CompletableFuture<Void> done) {}

    RoomName name() {
        return name;
    }

    Queue<Pending> pending() {
        return pending;
    }

    Versioned seen() {
        return seen;
    }

    /** What has been seen last; not to be changed. */
    Room state() {
        return state;
    }

    void see(Versioned newSeen, Room newState) {
        seen = newSeen;
        state = newState;
    }

    /** The nodes that its members are connected to. */
    Set<String> nodes() {
        return nodes(state);
    }

    static Set<String> nodes(Room room) {
        Set<String> nodes = new HashSet<>();
        for (RoomMember member : room.members()) {
            member.connection().map(RedisRoom::nodeOf).ifPresent(nodes::add);
        }
        return nodes;
    }

    static String nodeOf(String connection) {
        return connection.substring(0, connection.indexOf('/'));
    }

    boolean isBusy() {
        return isBusy;
    }

    void setBusy(boolean busy) {
        isBusy = busy;
    }
}
