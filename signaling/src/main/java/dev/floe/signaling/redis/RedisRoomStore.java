package dev.floe.signaling.redis;

import dev.floe.signaling.SignalingException;
import dev.floe.signaling.room.Room;
import dev.floe.signaling.room.RoomJson;
import dev.floe.signaling.room.RoomLimits;
import dev.floe.signaling.room.RoomName;
import dev.floe.signaling.room.RoomStore;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rooms of many nodes, in Redis. Each room is one value with a version. A step is taken on the value that was seen
 * last, and the result put in its place if that is still there; if not, the step is taken again on what is. The node
 * that has changed a room tells the nodes that have members in it; what they miss they read when they are back. Steps
 * are harmless when repeated, so one whose answer was lost is simply taken again. Confined to one event loop but for
 * the methods of {@link RoomStore}.
 */
public final class RedisRoomStore implements RoomStore {

    private static final Logger log = LoggerFactory.getLogger(RedisRoomStore.class);
    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final Duration BEAT_LIFE = BEAT.multipliedBy(3);
    private static final Duration RETRY = Duration.ofMillis(250);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration MIN_LIFE = Duration.ofSeconds(60);
    private static final int TOUCHES_A_LIFE = 4;

    private final RedisLink link;
    private final String node;
    private final RoomLimits limits;
    private final int maxRooms;
    private final Listener listener;
    private final EventLoop loop;
    private final Duration life;
    private final Map<RoomName, RedisRoom> rooms = new HashMap<>();
    private final NodeWatch watch = new NodeWatch();
    private final List<Future<?>> timers;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private volatile int size;
    private boolean isClosing;
    private boolean isEnded;

    private RedisRoomStore(
            RedisLink link, String node, RoomLimits limits, int maxRooms, Listener listener, EventLoop loop) {
        this.link = link;
        this.node = node;
        this.limits = limits;
        this.maxRooms = maxRooms;
        this.listener = listener;
        this.loop = loop;
        Duration graces = limits.graceTime().multipliedBy(2);
        life = graces.compareTo(MIN_LIFE) > 0 ? graces : MIN_LIFE;
        timers = List.of(every(BEAT, this::beat), every(life.dividedBy(TOUCHES_A_LIFE), this::touchAll));
    }

    /**
     * Connects to Redis.
     *
     * @param node the name of this node, which is what its members' connections start with, before a slash
     * @return fails with a {@link SignalingException} of code {@code io} if Redis cannot be reached
     */
    public static CompletionStage<RoomStore> connect(
            URI uri, String node, RoomLimits limits, int maxRooms, Listener listener, EventLoop loop) {
        return RedisLink.connect(uri).thenCompose(link -> {
            RedisRoomStore store = new RedisRoomStore(link, node, limits, maxRooms, listener, loop);
            return link.listen(node, news -> loop.execute(() -> store.hear(news)), () -> loop.execute(store::touchAll))
                    .thenCombine(link.beat(node, BEAT_LIFE), (subscribed, beaten) -> store);
        });
    }

    @Override
    public CompletionStage<Void> enter(RoomName name, Step step) {
        return add(name, step, true);
    }

    @Override
    public CompletionStage<Void> update(RoomName name, Step step) {
        return add(name, step, false);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean isAvailable() {
        return link.isOpen();
    }

    /** Takes the steps that wait, for as long as Redis answers. */
    @Override
    public CompletionStage<Void> close() {
        loop.execute(() -> {
            isClosing = true;
            endIfIdle();
        });
        loop.schedule(this::end, BEAT.toMillis(), TimeUnit.MILLISECONDS);
        return closed;
    }

    private CompletionStage<Void> add(RoomName name, Step step, boolean isEntry) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            RedisRoom room = rooms.get(name);
            if (room == null && isEntry && rooms.size() >= maxRooms) {
                done.completeExceptionally(
                        new SignalingException(SignalingException.TOO_MANY_ROOMS, "no more rooms on this server"));
            } else if (isEntry && !link.isOpen()) {
                done.completeExceptionally(unavailable(null));
            } else {
                room = rooms.computeIfAbsent(name, absent -> new RedisRoom(absent, limits));
                long deadline = System.nanoTime() + PATIENCE.toNanos();
                room.pending().add(new RedisRoom.Pending(step, isEntry, deadline, done));
                takeNext(room);
            }
        });
        return done;
    }

    private void takeNext(RedisRoom room) {
        if (room.isBusy()) {
            return;
        }
        RedisRoom.Pending next = room.pending().peek();
        if (next != null) {
            room.setBusy(true);
            take(room, next, false);
        } else if (!hasMembersHere(room)) {
            rooms.remove(room.name(), room);
            size = rooms.size();
            endIfIdle();
        }
    }

    /** @param isCertain whether what was seen last is not older than the step */
    private void take(RedisRoom room, RedisRoom.Pending pending, boolean isCertain) {
        Versioned seen = room.seen();
        Room state = RoomJson.read(seen.state(), limits);
        SignalingException refusal = null;
        Set<String> nodes = RedisRoom.nodes(state);
        try {
            if (!state.isEmpty() || pending.isEntry()) {
                pending.step().apply(state);
            }
        } catch (SignalingException e) {
            refusal = e;
        }
        if (refusal == null && state.changes() > 0) {
            nodes.addAll(RedisRoom.nodes(state));
            nodes.remove(node);
            Versioned next = seen.next(state.isEmpty() ? "" : RoomJson.write(state), System.currentTimeMillis());
            inLoop(link.replace(room.name(), seen, next, life, nodes), (found, failure) -> {
                if (failure != null) {
                    failed(room, pending, failure);
                } else if (found.isEmpty()) {
                    see(room, next, state);
                    finish(room, pending, null);
                } else {
                    takeAgain(room, pending, found.get(0));
                }
            });
        } else if (isCertain) {
            finish(room, pending, refusal);
        } else {
            inLoop(link.touch(room.name(), life), (found, failure) -> {
                if (failure != null) {
                    failed(room, pending, failure);
                } else {
                    takeAgain(room, pending, found);
                }
            });
        }
    }

    /** With what Redis has now, which is the truth even where it is older than what was seen: it may have lost data. */
    private void takeAgain(RedisRoom room, RedisRoom.Pending pending, Versioned found) {
        if (room.seen().isNewerThan(found) && hasMembersHere(room)) {
            restore(room, found);
            failed(room, pending, new IllegalStateException("Redis has lost data"));
        } else {
            see(room, found, RoomJson.read(found.state(), limits));
            take(room, pending, true);
        }
    }

    private void failed(RedisRoom room, RedisRoom.Pending pending, Throwable failure) {
        log.debug("Redis does not take a step of a room: {}", failure.toString());
        if (pending.isEntry() || isClosing || pending.deadline() - System.nanoTime() < 0) {
            finish(room, pending, unavailable(failure));
        } else {
            loop.schedule(() -> take(room, pending, false), RETRY.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void finish(RedisRoom room, RedisRoom.Pending pending, SignalingException refusal) {
        room.pending().remove();
        room.setBusy(false);
        size = rooms.size();
        if (refusal == null) {
            pending.done().complete(null);
        } else {
            pending.done().completeExceptionally(refusal);
        }
        takeNext(room);
    }

    private void hear(RedisLink.News news) {
        RedisRoom room = rooms.get(news.name());
        if (room != null) {
            seeIfNews(room, news.room());
            takeNext(room);
        }
    }

    private void seeIfNews(RedisRoom room, Versioned found) {
        if (found.isNewerThan(room.seen())) {
            see(room, found, RoomJson.read(found.state(), limits));
        }
    }

    private void see(RedisRoom room, Versioned seen, Room state) {
        room.see(seen, state);
        listener.changed(room.name(), state);
    }

    /** Redis has lost a room, or a part of its story, that this node still knows. */
    private void restore(RedisRoom room, Versioned found) {
        log.info("restoring a room that Redis has lost");
        Versioned known = room.seen();
        inLoop(link.replace(room.name(), found, known, life, List.of()), (other, failure) -> {
            if (failure == null && !other.isEmpty()) {
                seeIfNews(room, other.get(0));
            }
        });
    }

    private void touchAll() {
        for (RedisRoom room : rooms.values()) {
            inLoop(link.touch(room.name(), life), (found, failure) -> {
                if (failure == null && room.seen().isNewerThan(found) && !room.isBusy() && hasMembersHere(room)) {
                    restore(room, found);
                } else if (failure == null) {
                    seeIfNews(room, found);
                }
            });
        }
    }

    /** Says that this node is alive, looks which others are, and what time has done to the rooms. */
    private void beat() {
        inLoop(link.beat(node, BEAT_LIFE), (done, failure) -> {
            if (failure == null) {
                look();
            }
        });
    }

    private void look() {
        Set<String> others = new HashSet<>();
        rooms.values().forEach(room -> others.addAll(room.nodes()));
        others.remove(node);
        watch.retain(others);
        for (String other : others) {
            inLoop(link.isAlive(other), (isAlive, failure) -> {
                if (failure == null) {
                    watch.seen(other, isAlive);
                }
            });
        }
        long now = System.currentTimeMillis();
        Predicate<String> isAlive = connection -> watch.isAlive(RedisRoom.nodeOf(connection));
        rooms.values().stream()
                .filter(room -> room.state().isDue(now, isAlive))
                .map(RedisRoom::name)
                .toList()
                .forEach(name -> update(name, room -> room.expire(now, isAlive)));
    }

    private boolean hasMembersHere(RedisRoom room) {
        return room.nodes().contains(node);
    }

    private void endIfIdle() {
        if (isClosing && rooms.isEmpty()) {
            end();
        }
    }

    private void end() {
        if (isEnded) {
            return;
        }
        isEnded = true;
        timers.forEach(timer -> timer.cancel(false));
        link.close().whenComplete((done, failure) -> closed.complete(null));
    }

    private Future<?> every(Duration interval, Runnable task) {
        return loop.scheduleWithFixedDelay(task, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private <T> void inLoop(CompletionStage<T> stage, BiConsumer<T, Throwable> action) {
        stage.whenComplete((value, failure) -> {
            if (!loop.isShuttingDown()) {
                loop.execute(() -> action.accept(value, failure));
            }
        });
    }

    private static SignalingException unavailable(Throwable cause) {
        return new SignalingException(
                SignalingException.UNAVAILABLE, "rooms cannot be reached now; try again later", cause);
    }
}
