package dev.floe.signaling.server;

import dev.floe.signaling.SignalingServerConfig;
import dev.floe.signaling.redis.RedisRoomStore;
import dev.floe.signaling.room.MemoryRoomStore;
import dev.floe.signaling.room.RoomLimits;
import dev.floe.signaling.room.RoomStore;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the connections of one server share. Any thread. */
public final class SignalingNode {

    private final SignalingServerConfig config;
    private final EventLoop loop;
    private final String id;
    private final ChannelGroup clients;
    private final ChannelGroup relay;
    private final RoomOutlets outlets;
    private final RoomStore rooms;
    private final AddressBook addresses;
    private final ServerMetrics metrics = new ServerMetrics();
    private final AtomicInteger webSockets = new AtomicInteger();
    private final AtomicLong connections = new AtomicLong();

    private SignalingNode(
            String id, SignalingServerConfig config, EventLoop loop, RoomOutlets outlets, RoomStore rooms) {
        this.id = id;
        this.config = config;
        this.loop = loop;
        this.outlets = outlets;
        this.rooms = rooms;
        clients = new DefaultChannelGroup("signaling-clients", loop, true);
        relay = new DefaultChannelGroup("signaling-relay", loop);
        addresses = new AddressBook(config.access().perAddress(), System::nanoTime);
        metrics.gauge("floe.clients", "WebSockets that are open", webSockets::get);
        metrics.gauge("floe.relay.clients", "Of these, those on the plain relay", relay::size);
        metrics.gauge("floe.rooms", "Rooms that are served", rooms::size);
        metrics.gauge("floe.rooms.available", "1 if new rooms can be made", () -> rooms.isAvailable() ? 1 : 0);
    }

    /**
     * Makes a node; its rooms may take a while to be ready.
     *
     * @param loop for what no connection does
     */
    public static CompletionStage<SignalingNode> start(SignalingServerConfig config, EventLoop loop) {
        RoomOutlets outlets = new RoomOutlets();
        RoomLimits limits = new RoomLimits(
                config.rooms().capacity(),
                config.rooms().maxKeptMessages(),
                config.connections().maxMessageBytes(),
                config.rooms().graceTime(),
                config.rooms().keepTime());
        String id = Secrets.newToken();
        int maxRooms = config.rooms().maxRooms();
        CompletionStage<RoomStore> rooms = config.redis() == null
                ? CompletableFuture.completedFuture(new MemoryRoomStore(limits, maxRooms, outlets, loop))
                : RedisRoomStore.connect(config.redis(), id, limits, maxRooms, outlets, loop);
        return rooms.thenApply(store -> new SignalingNode(id, config, loop, outlets, store));
    }

    /** All connections, WebSockets or not yet. */
    public ChannelGroup clients() {
        return clients;
    }

    /** Finishes what is under way once all connections are closed. */
    public CompletionStage<Void> close() {
        metrics.close();
        return rooms.close();
    }

    SignalingServerConfig config() {
        return config;
    }

    ChannelGroup relay() {
        return relay;
    }

    RoomOutlets outlets() {
        return outlets;
    }

    RoomStore rooms() {
        return rooms;
    }

    AddressBook addresses() {
        return addresses;
    }

    ServerMetrics metrics() {
        return metrics;
    }

    /** Counts the connections that are WebSockets. */
    AtomicInteger webSockets() {
        return webSockets;
    }

    /** A name that no other connection of any node has. */
    String nextConnection() {
        return id + "/" + connections.incrementAndGet();
    }

    /** For one who may come back, and whose place in its room is kept for that. */
    void releaseRoomAfterGrace(InetAddress address) {
        long millis = config.rooms().graceTime().toMillis();
        try {
            loop.schedule(() -> addresses.releaseRoom(address), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The node has ended before its last client: there is nothing to keep a place in.
            addresses.releaseRoom(address);
        }
    }
}
