package dev.floe.signaling.room;

import dev.floe.signaling.SignalingException;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/** The rooms of one process, in memory: each room guards itself, for a few map operations at a time. */
public final class MemoryRoomStore implements RoomStore {

    private static final CompletionStage<Void> DONE = CompletableFuture.completedFuture(null);
    private static final long MIN_SWEEP_MILLIS = 20;
    private static final long MAX_SWEEP_MILLIS = 1000;

    private final RoomLimits limits;
    private final int maxRooms;
    private final Listener listener;
    private final ConcurrentMap<RoomName, Room> rooms = new ConcurrentHashMap<>();
    private final ScheduledFuture<?> sweeping;

    /** @param executor runs the sweeps that notice what time has done */
    public MemoryRoomStore(RoomLimits limits, int maxRooms, Listener listener, EventExecutor executor) {
        this.limits = limits;
        this.maxRooms = maxRooms;
        this.listener = listener;
        long interval = Math.max(
                MIN_SWEEP_MILLIS, Math.min(MAX_SWEEP_MILLIS, limits.graceTime().toMillis() / 4));
        sweeping = executor.scheduleWithFixedDelay(this::sweep, interval, interval, TimeUnit.MILLISECONDS);
    }

    @Override
    public CompletionStage<Void> enter(RoomName name, Step step) {
        Optional<CompletionStage<Void>> taken = Optional.empty();
        while (taken.isEmpty()) {
            if (!rooms.containsKey(name) && rooms.size() >= maxRooms) {
                return CompletableFuture.failedFuture(
                        new SignalingException(SignalingException.TOO_MANY_ROOMS, "no more rooms on this server"));
            }
            taken = takeIn(rooms.computeIfAbsent(name, absent -> new Room(limits)), name, step);
        }
        return taken.get();
    }

    @Override
    public CompletionStage<Void> update(RoomName name, Step step) {
        Room room = rooms.get(name);
        return room == null ? DONE : takeIn(room, name, step).orElse(DONE);
    }

    @Override
    public int size() {
        return rooms.size();
    }

    @Override
    public boolean isAvailable() {
        return true;
    }

    @Override
    public CompletionStage<Void> close() {
        sweeping.cancel(false);
        rooms.clear();
        return DONE;
    }

    /** Empty if another thread has emptied the room meanwhile, and it has vanished. */
    private Optional<CompletionStage<Void>> takeIn(Room room, RoomName name, Step step) {
        synchronized (room) {
            return rooms.get(name) == room ? Optional.of(take(step, name, room)) : Optional.empty();
        }
    }

    private CompletionStage<Void> take(Step step, RoomName name, Room room) {
        long before = room.changes();
        try {
            step.apply(room);
            return DONE;
        } catch (SignalingException e) {
            return CompletableFuture.failedFuture(e);
        } finally {
            if (room.isEmpty()) {
                rooms.remove(name);
            }
            if (room.changes() != before) {
                listener.changed(name, room);
            }
        }
    }

    private void sweep() {
        long now = System.currentTimeMillis();
        rooms.keySet().forEach(name -> update(name, room -> room.expire(now, connection -> true)));
    }
}
