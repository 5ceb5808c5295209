package dev.floe.signaling.server;

import dev.floe.signaling.room.Room;
import dev.floe.signaling.room.RoomName;
import dev.floe.signaling.room.RoomStore;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/** Which connections of this process are in which room. Any thread. */
final class RoomOutlets implements RoomStore.Listener {

    private final ConcurrentMap<RoomName, List<RoomOutlet>> rooms = new ConcurrentHashMap<>();

    void add(RoomName name, RoomOutlet outlet) {
        rooms.merge(
                name,
                List.of(outlet),
                (some, one) -> Stream.concat(some.stream(), one.stream()).toList());
    }

    void remove(RoomName name, RoomOutlet outlet) {
        rooms.computeIfPresent(name, (same, some) -> {
            List<RoomOutlet> rest =
                    some.stream().filter(other -> other != outlet).toList();
            return rest.isEmpty() ? null : rest;
        });
    }

    @Override
    public void changed(RoomName name, Room room) {
        rooms.getOrDefault(name, List.of()).forEach(outlet -> outlet.update(room));
    }
}
